"""The public guides, held to their word: what a page shows is run, and compared."""
