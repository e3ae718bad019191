"""The documentation site: a front page, guides, problems, and a search.

It is made once, from the Markdown in `docs`, and its pages load nothing from other
hosts.
"""
