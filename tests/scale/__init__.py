"""Measuring what grows with the rows of a tenant."""
