"""The interceptors: what every call passes before and after its method runs.

They limit unknown callers, authenticate, give tenants their turns, check the rules of
requests, and replay stored answers. The room may import `iam` (for the caller),
`search` (for the filters) and all rooms below. Start reading at `interceptors.py`,
where `chain` lists them in their order.
"""
