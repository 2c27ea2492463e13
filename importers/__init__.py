"""From a bank's file to proposed entries."""
