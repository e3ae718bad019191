"""The files of the pages: scripts find what they import by names that never change."""

import re

from edge.web.files import read_files


def test_scripts_import_what_is_served() -> None:
    files = read_files()
    served = {file.name for file in files.values()}
    imported = set()
    for name, file in files.items():
        if name.endswith(".js"):
            text = file.stored.content.decode()
            found = re.findall(r"^import .* from '(.*)'$", text, re.MULTILINE)
            assert {f"./{each}" for each in served} >= set(found), name
            imported |= set(found)
    assert f"./{files['login.js'].name}" in imported


def test_a_script_is_another_when_one_that_it_imports_is() -> None:
    files = read_files()
    assert files["kept.js"].name in files["login.js"].stored.content.decode()
    assert files["login.js"].name in files["reference.js"].stored.content.decode()
