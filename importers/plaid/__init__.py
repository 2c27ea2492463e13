"""Plaid as a connector: the only room that imports its client."""
