"""Tests of what the log of changes tells: histories, and records as they were."""
