"""Feeds: lines that a bank hands out over the network, and takes back or corrects later."""
