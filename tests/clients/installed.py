"""Uses an installed client: `installed.py TOKEN ADDRESS`. It needs Python 3.10."""

import asyncio
import importlib
import pkgutil
import sys
from pathlib import Path

import prospectconnect_client
import prospectconnect_contract
from prospectconnect_client import AsyncProspectConnect, ProspectConnect

OURS = {"edge", "services", "deploy", "prospectconnect"}


def import_all() -> None:
    """Imports every module, so that none needs what is not there."""
    for package in (prospectconnect_client, prospectconnect_contract):
        names = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        for module in names:
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)


async def role(token: str, address: str) -> str:
    """The caller's role, by the client with `await`."""
    async with AsyncProspectConnect(token, address) as client:
        return (await client.me.get())["role"]


def main(token: str, address: str) -> None:
    """Prints the role twice, and where the client is."""
    import_all()
    assert not OURS & set(sys.modules), "a client knows the public surface alone"
    with ProspectConnect(token, address) as client:
        print(client.me.get()["role"])
    print(asyncio.run(role(token, address)))
    print(Path(prospectconnect_client.__file__).parents[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
