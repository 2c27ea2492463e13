"""PDF statements with a text layer, described by a template per institution and layout."""
