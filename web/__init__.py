"""The server: guarded Fava and our own pages."""
