"""Exports: what is in their files, and how these are downloaded."""
