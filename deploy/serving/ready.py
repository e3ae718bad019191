"""Where a process answers, and the one line by which it says so."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ready:
    """Addresses, `host:port`; None for what is not served. `scheme` is HTTP's."""

    http: str | None = None
    grpc: str | None = None
    scheme: str = "http"
    metrics: str | None = None

    @property
    def url(self) -> str:
        """Where HTTP is, without a path."""
        return f"{self.scheme}://{self.http}"

    def line(self) -> str:
        """Writes `ready http=http://127.0.0.1:8080 grpc=127.0.0.1:50051`."""
        parts = ["ready"]
        if self.http is not None:
            parts.append(f"http={self.url}")
        if self.grpc is not None:
            parts.append(f"grpc={self.grpc}")
        if self.metrics is not None:
            parts.append(f"metrics=http://{self.metrics}/metrics")
        return " ".join(parts)
