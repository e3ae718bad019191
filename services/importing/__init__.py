"""Runs imports: reads their contents, and writes each row as a single request would.

A row becomes the very request of a single call, and passes the same gates, as the
operations of a batch do. A step of the job writes some hundred rows, what became of
them, and the position in the content, all in one transaction. Start reading at
`running.py`.
"""
