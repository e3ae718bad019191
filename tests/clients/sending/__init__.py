"""Tests of how each client sends a request: bodies, pace, attempts, hooks, answers."""
