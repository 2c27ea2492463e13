"""The corporate veil: nothing crosses between entities unpaired, unclassified or undocumented."""
