"""The pages of an account: its tokens, apps, usage and recent requests.

Like all pages they need no script and keep no state. A form that creates something
works once: a reload neither creates it again nor shows its secret again.
"""
