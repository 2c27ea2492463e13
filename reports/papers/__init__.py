"""Papers of a company, drafted from the books: consents, notes, reports, agreements, minutes.

Each form has a frozen model of the facts and a function that words it as a ``Paper``; ``pdf``
draws any paper with one typst template. What comes from the books is data there, never markup.
"""
