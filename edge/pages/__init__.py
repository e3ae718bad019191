"""The pages that a person sees: log in, decide about an app, take it back, log out.

They need no script. A page keeps nothing between two requests but two cookies, one for
the browser and one for the session, which are secrets that the services know.
"""
