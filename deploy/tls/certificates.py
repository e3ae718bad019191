"""Reads when a certificate expires."""

from pathlib import Path

from cryptography import x509


def expires_at(path: Path) -> float | None:
    """Returns the expiry of the first certificate in a PEM file, in Unix seconds.

    Returns None if no certificate can be read.
    """
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return None
    return certificate.not_valid_after_utc.timestamp()
