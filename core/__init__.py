"""The ground floor: entities, journal in and out, findings, money. It knows no rules."""
