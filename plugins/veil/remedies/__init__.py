"""What mends a finding: computed, chosen by a person, on paper, or by hand."""
