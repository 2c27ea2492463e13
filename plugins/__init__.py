"""The rules that guard the books: pure functions over entries."""
