"""Builds outside the tree; everything else is in `pyproject.toml`.

A `build/` that stays is taken for part of the sources by the next build: a module that
was deleted meanwhile would be in its wheel.
"""

import atexit
from tempfile import TemporaryDirectory

from setuptools import setup

place = TemporaryDirectory(prefix="prospectconnect-build-")
atexit.register(place.cleanup)
setup(
    options={"build": {"build_base": place.name}, "egg_info": {"egg_base": place.name}}
)
