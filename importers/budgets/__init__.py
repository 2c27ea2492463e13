"""Budgets that were kept in another program, read from its export."""
