"""Requests that mean harm, and what every answer to them must be."""
