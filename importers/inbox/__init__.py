"""The inbox: what nobody has decided yet, what it may be, and each decision as a change."""
