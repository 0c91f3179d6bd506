"""A real nginx in front of an ACS: an ordinary process, configured by a test."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_CONFIGURATION = """\
daemon off;
master_process off;
pid {where}/nginx.pid;
error_log {where}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {where}/t1; proxy_temp_path {where}/t2;
  fastcgi_temp_path {where}/t3; uwsgi_temp_path {where}/t4; scgi_temp_path {where}/t5;
  proxy_set_header Host $http_host;
  add_header X-Name $server_name always;
  add_header X-Client $ssl_client_s_dn always;
  {body}
}}
"""


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody has."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as sock:
        sock.bind((host, 0))
        return int(sock.getsockname()[1])


def program() -> str:
    """The path of nginx."""
    found = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if found is None:
        pytest.skip("nginx is not there: apt-get install nginx-light")
    return found


@contextmanager
def nginx(
    where: Path, body: str, *ports: int, host: str = "127.0.0.1"
) -> Iterator[None]:
    """An nginx with *body* in its http block, which listens at *ports*."""
    file = where / "nginx.conf"
    file.write_text(_CONFIGURATION.format(where=where, body=body), encoding="utf-8")
    words = [
        program(),
        "-p",
        str(where),
        "-e",
        str(where / "error.log"),
        "-c",
        str(file),
    ]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL) as process:
        try:
            for port in ports:
                _await(process, where, host, port)
            yield
        finally:
            process.terminate()


def _await(process: subprocess.Popen[bytes], where: Path, host: str, port: int) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection((host, port), 1).close()
        except OSError:
            alive = process.poll() is None and time.monotonic() < until
            assert alive, (where / "error.log").read_text(encoding="utf-8")
            time.sleep(0.01)  # nginx does not say when it listens
        else:
            return
