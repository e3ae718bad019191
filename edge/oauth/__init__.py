"""OAuth 2.1 over HTTP: the form of a request is judged here, all else in the services.

Nothing is kept between two requests. Errors are those of the RFCs, not problems.
"""
