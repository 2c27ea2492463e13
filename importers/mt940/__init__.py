"""SWIFT account statements: MT940, and the interim report MT942."""
