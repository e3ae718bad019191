"""What pages of documentation consist of: their type, Markdown as HTML, colored code.

The portal and the reference make their pages of it. It imports no other room.
"""
