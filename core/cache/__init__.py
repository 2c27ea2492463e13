"""What was computed from files once, kept outside the books, and never believed unchecked."""
