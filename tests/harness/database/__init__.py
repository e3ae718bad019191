"""PostgreSQL servers, databases and locks of a test's own."""
