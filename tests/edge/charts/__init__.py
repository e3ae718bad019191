"""Charts: what is drawn of figures, whatever the names in them are."""
