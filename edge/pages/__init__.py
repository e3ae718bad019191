"""The web pages for people: login, consent, and logout.

They need no script. Their only state between requests is in two cookies, one for the
browser and one for the session. Both contain secrets that the services know.
"""
