"""The audit report: who changed the books in a period, what, when and why, and what git shows.

``trail`` gathers the facts, ``worded`` puts them on a page (``reports/pages/``).
"""
