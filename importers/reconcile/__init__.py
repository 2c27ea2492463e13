"""Bank reconciliation: a statement's lines beside the postings of its account, until both agree."""
