"""Tests of the clients that are given to integrators, against the running product."""
