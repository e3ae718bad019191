"""`docs/deployment.md` knows every setting and default, and names what is there."""

import re

from deploy.settings import PREFIX, Settings
from tests.deploy.files.manifests import DEPLOY, read_documents

PAGE = DEPLOY.parent / "docs" / "deployment.md"
TEXT = PAGE.read_text()

_LINK = re.compile(r"\]\(([^)#:]+)\)")


def listed() -> dict[str, str]:
    """The settings of the table and the defaults that it gives them."""
    table = TEXT.partition("\n## Settings\n")[2].partition("\n## ")[0]
    found: dict[str, str] = {}
    for line in table.splitlines():
        if line.startswith("| `"):
            names, defaults, _ = line.strip("| ").split(" | ", 2)
            each = names.split(", ")
            given = defaults.split(", ")
            given = given * len(each) if given == ["none"] else given
            found |= zip(each, given, strict=True)
    return {name.strip("`"): default.strip("`") for name, default in found.items()}


def default_of(name: str) -> str:
    value = Settings.model_fields[name.lower()].default
    if value in (None, ""):
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_every_setting_is_there_with_its_default() -> None:
    names = [name.upper() for name in Settings.model_fields]
    assert listed() == {name: default_of(name) for name in names}


def test_a_variable_in_full_is_a_setting() -> None:
    known = {name.upper() for name in Settings.model_fields}
    named = set(re.findall(rf"{PREFIX}([A-Z_]+[A-Z])", TEXT))
    assert named
    assert named <= known


def test_links_lead_somewhere() -> None:
    for link in _LINK.findall(TEXT):
        assert (PAGE.parent / link).exists(), link


def test_every_secret_of_the_cluster_is_explained() -> None:
    wanted = set()
    for path in (DEPLOY / "kubernetes").glob("*.yaml"):
        wanted |= set(re.findall(r"secretName: ([a-z-]+)", path.read_text()))
    table = {line.split("`")[1] for line in TEXT.splitlines() if line.startswith("| `")}
    assert wanted
    assert wanted <= table


def test_every_profile_is_explained() -> None:
    (compose,) = read_documents(DEPLOY / "compose" / "compose.yaml")
    for container in compose["services"].values():
        for profile in container.get("profiles", ()):
            assert f"--profile {profile}" in TEXT
