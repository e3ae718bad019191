"""Tests of the order in which changes are told."""
