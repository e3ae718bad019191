"""Texts with places: Liquid, HTML as e-mails may have it, and plain text of that."""
