"""The names that users' files may say for ever: plugin "bulkhead.veil", bulkhead.importers."""
