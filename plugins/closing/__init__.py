"""Closing a period: what is checked before, what is sealed, and how it is opened again."""
