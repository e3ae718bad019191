"""The audit: what it tells, who reads it, and that its chain is whole."""
