"""The book diff: what lies between two states of books, in figures, findings and transactions.

``sides`` (core) → ``loose`` (what does not stand the same on both) → ``renames`` → ``matched`` →
``figures`` and ``touched`` → ``model`` → text, Markdown, HTML, JSON.
"""
