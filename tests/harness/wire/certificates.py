"""Certificates for tests: an authority and its certificates, made by OpenSSL."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
# This machine, as a certificate names it.
HERE = "DNS:localhost,IP:127.0.0.1"


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate and its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates for this machine; all files are in its folder."""

    folder: Path
    own: Signed

    def sign(self, name: str, names: str = HERE) -> Signed:
        """Makes a certificate, for this machine unless it is for other `names`.

        It replaces one with the same `name`.
        """
        signed = Signed(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        fresh = Signed(self.folder / f"{name}.pem.new", self.folder / f"{name}.key.new")
        _openssl(
            *("req", "-x509", *_KEY, "-days", "2", "-subj", f"/CN={name}"),
            *("-CA", str(self.own.certificate), "-CAkey", str(self.own.key)),
            *("-addext", f"subjectAltName={names}"),
            *("-addext", "basicConstraints=critical,CA:FALSE"),
            *("-keyout", str(fresh.key), "-out", str(fresh.certificate)),
        )
        fresh.key.replace(signed.key)
        fresh.certificate.replace(signed.certificate)
        return signed


def new_authority(folder: Path) -> Authority:
    """Makes an authority in an existing folder."""
    own = Signed(folder / "ca.pem", folder / "ca.key")
    _openssl(
        *("req", "-x509", *_KEY, "-days", "2", "-subj", f"/CN={folder.name}"),
        *("-keyout", str(own.key), "-out", str(own.certificate)),
    )
    return Authority(folder, own)


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
