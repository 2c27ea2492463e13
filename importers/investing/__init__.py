"""Lines of an investment statement as entries with lots."""
