"""PostgreSQL servers, databases and locks for single tests."""
