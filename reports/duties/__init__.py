"""Duties that one person should not have alone, looked for in what was written by whom."""
