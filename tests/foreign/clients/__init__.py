"""Clients of OAuth, MCP and gRPC that others wrote, unmodified."""
