"""The books as tables, for whatever would rather ask than go through every entry."""
