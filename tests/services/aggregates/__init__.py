"""The room that makes figures."""
