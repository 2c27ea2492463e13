"""Lines that belong together: one line of two sources, two halves of a movement, a conversion."""
