"""CSV statements, described by a profile per institution."""
