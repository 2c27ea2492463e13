"""The veil statement: what crossed between an entity and the others, and how well it is papered.

``statement`` gathers the facts, ``worded`` puts them on a page (``reports/pages/``).
"""
