"""Nights without anybody: a branch of their own, one request to merge, and who is told."""
