"""OAuth 2.1 over HTTP: this room checks the form of requests, the services all else.

It keeps no state between requests. Errors have the form of the RFCs; they are not
problems.
"""
