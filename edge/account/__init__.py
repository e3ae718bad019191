"""The pages of an account: its tokens, apps, usage and recent requests.

As all pages they need no script and keep nothing. A form that makes something works
once: loaded again, the page neither makes it again nor shows its secret.
"""
