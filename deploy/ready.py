"""Where a process answers, and the one line by which it says so."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ready:
    """Addresses, `host:port`; None for what is not served."""

    http: str | None = None
    grpc: str | None = None

    def line(self) -> str:
        """Writes `ready http=http://127.0.0.1:8080 grpc=127.0.0.1:50051`."""
        parts = ["ready"]
        if self.http is not None:
            parts.append(f"http=http://{self.http}")
        if self.grpc is not None:
            parts.append(f"grpc={self.grpc}")
        return " ".join(parts)
