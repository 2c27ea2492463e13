"""Where money came from, through whom and what it went, and what was kept."""
