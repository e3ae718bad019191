"""Hostile requests, and the checks of all answers to them."""
