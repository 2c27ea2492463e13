"""Loans: what a ``custom "loan"`` directive agrees, its schedule to the cent, what the books did.

``terms`` is the agreement, ``declared`` reads it from directives, ``schedule`` computes what falls
due, ``accrual`` interest by days, ``ledger`` finds the entries of a loan, ``compare`` holds them
against the schedule. Nothing here is a rule; ``plugins`` make findings of it.
"""
