"""Statements: models first, then HTML, Markdown, CSV and JSON."""
