"""The site that integrators meet first: a front page, guides, problems, and a search.

It is made of Markdown in `docs`, once, and knows no host but its own.
"""
