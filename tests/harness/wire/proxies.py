"""An nginx or a HAProxy in front of an edge, with the usual persistent connections.

Both refuse `/v1/companies` themselves. So if a request to it through a proxy is
executed, only the edge has seen that request.
"""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from tests.harness.database.row_lock import until
from tests.harness.programs.system import program_path
from tests.harness.wire.listening import listens

FORBIDDEN = "/v1/companies"

_NGINX = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder};
  proxy_temp_path {folder};
  fastcgi_temp_path {folder};
  uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  upstream edge {{ server {edge}; keepalive 4; }}
  server {{
    listen unix:{folder}/front;
    location / {{
      proxy_pass http://edge;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_request_buffering off;
    }}
    location {forbidden} {{ return 403; }}
  }}
}}
"""
_HAPROXY = """
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
  http-reuse always
frontend front
  bind unix@{folder}/front
  http-request deny if {{ path_beg {forbidden} }}
  default_backend edge
backend edge
  server edge {edge}
"""
_NAMES: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "nginx": (_NGINX, ("-e", "stderr", "-c")),
        "haproxy": (_HAPROXY, ("-db", "-q", "-f")),
    }
)
NAMES = tuple(_NAMES)


@contextmanager
def before(edge: str, name: str) -> Iterator[Path]:
    """Runs a proxy in front of an edge; yields the socket that it listens on."""
    configuration, flags = _NAMES[name]
    program = program_path(name)
    assert program is not None
    with TemporaryDirectory(prefix="pc-") as place:
        folder = Path(place)
        file = folder / "configuration"
        file.write_text(
            configuration.format(folder=folder, edge=edge, forbidden=FORBIDDEN)
        )
        process = subprocess.Popen([program, *flags, str(file)], cwd=folder)
        try:
            until(lambda: listens(folder / "front"))
            yield folder / "front"
        finally:
            process.terminate()
            process.wait(timeout=60)
