"""The audit: what it tells, to whom, and that its chain is whole."""
