"""The clients: what is written by hand of them, and what writes the rest."""
