"""The public guides, held to their word: what a page shows is run, and compared.

To write a page: `sh` and `python` blocks are run in order, in one shell and one Python
for each page. `API` and `TOKEN` are set; `http://127.0.0.1:8080`, `127.0.0.1:50051` and
`pcp_...` stand for the reader's own. A `json`, `http` or `text` block right after one
is its answer: `...` stands for what is left out, an id for what came back in its place.
A request that is refused must show so. Python that begins with `# name.py` is saved
under that name. What cannot be run is `console`.
"""
