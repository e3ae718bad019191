"""What every call passes before its method runs: the gRPC interceptors.

It imports `iam` for the caller and `search` for the filters. Start reading at
`interceptors.py`.
"""
