"""When a certificate ends."""

from pathlib import Path

from cryptography import x509


def expires_at(path: Path) -> float | None:
    """The end of the first certificate in a PEM file, in Unix seconds.

    None when there is none to be read.
    """
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return None
    return certificate.not_valid_after_utc.timestamp()
