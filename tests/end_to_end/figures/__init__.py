"""Figures over a real socket, held against an oracle."""
