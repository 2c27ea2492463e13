"""The journal in (read) and out (the one door for writes)."""
