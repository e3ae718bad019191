"""The addresses of a process, and the line that announces them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ready:
    """Addresses as `host:port`, None for what is not served. `scheme` is for HTTP."""

    http: str | None = None
    grpc: str | None = None
    scheme: str = "http"
    metrics: str | None = None

    @property
    def url(self) -> str:
        """The URL of HTTP, without a path."""
        return f"{self.scheme}://{self.http}"

    def line(self) -> str:
        """Returns `ready http=http://127.0.0.1:8080 grpc=127.0.0.1:50051`."""
        parts = ["ready"]
        if self.http is not None:
            parts.append(f"http={self.url}")
        if self.grpc is not None:
            parts.append(f"grpc={self.grpc}")
        if self.metrics is not None:
            parts.append(f"metrics=http://{self.metrics}/metrics")
        return " ".join(parts)
