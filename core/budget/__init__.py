"""Budgets that are entries: what is declared, what the books did, and the months that follow."""
