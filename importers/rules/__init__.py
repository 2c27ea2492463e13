"""Rules that decide what a bank line was: run, compared, proposed, and run again when edited."""
