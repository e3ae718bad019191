"""Charts: what is drawn of figures with any names in them."""
