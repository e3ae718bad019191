"""What happened to records elsewhere: the moments that only imports may set."""
