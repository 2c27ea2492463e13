"""The names that users' journals may say for ever: plugin "bulkhead.veil"."""
