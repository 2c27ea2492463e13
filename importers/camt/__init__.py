"""ISO 20022 account statements: camt.053, and the booked entries of camt.052."""
