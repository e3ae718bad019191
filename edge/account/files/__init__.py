"""The pages of what takes longer than a request: imports, exports and other jobs.

Files come and go piece by piece: each piece is a call with the gates of the services.
"""
