"""What is served outside `/v1`: places with their gates, and pages with their files.

No token comes with such a request, so that limits go by the network address. What is
said there is the business of the rooms `oauth` and `pages`.
"""
