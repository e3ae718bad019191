"""A tenant's schema as a file: read it, compare it, and make the tenant like it."""
