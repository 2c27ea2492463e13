"""What a statement proves: that it adds up, what the books say then, and the files as kept."""
