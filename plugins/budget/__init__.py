"""The rules of budgets, BUD-01 to BUD-12."""
