"""The language of `--filter`: a text becomes the filters of a search."""
