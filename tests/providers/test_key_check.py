"""A key is tested against its own provider, on both wires, and stays out of what is told."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from smallchat.catalog.model import Model
from smallchat.config.keys import Secret
from smallchat.config.provider import Provider, Providers, known_providers
from smallchat.config.schema import Settings
from smallchat.providers.key_check import check_key
from smallchat.providers.registry import Adapters
from tests.providers.asking import CANARY
from tests.servers.sse import SSEServer


def provider_at(server: SSEServer, wire: Any) -> Provider:
    url = server.anthropic_url if wire == "anthropic" else server.openai_url
    return Provider("gateway", wire, wire, url, "Gateway")


@pytest.mark.parametrize("wire", ["openai", "anthropic"])
def test_a_good_key_is_accepted_and_nothing_is_generated(server: SSEServer, wire: str) -> None:
    server.key = CANARY
    check = check_key(provider_at(server, wire), Secret(CANARY))
    assert check.verdict == "accepted"
    assert [(seen.method, seen.path) for seen in server.requests] == [("GET", "/v1/models")]


@pytest.mark.parametrize("wire", ["openai", "anthropic"])
def test_a_wrong_key_is_refused_without_being_told(server: SSEServer, wire: str) -> None:
    server.key = "another-key"
    check = check_key(provider_at(server, wire), Secret(CANARY))  # the server repeats it
    assert check.verdict == "refused"
    assert "refused the key" in check.text
    assert CANARY not in check.text + repr(check)


def test_a_server_out_of_reach_leaves_it_open() -> None:
    check = check_key(Provider("gone", "openai", "openai", "http://127.0.0.1:9/v1", "Gone"), Secret(CANARY))
    assert check.verdict == "unknown"
    assert "127.0.0.1:9" in check.text


def test_a_server_without_a_list_of_models_leaves_it_open(server: SSEServer) -> None:
    odd = Provider("odd", "openai", "openai", f"{server.openai_url}/elsewhere", "Odd")
    assert check_key(odd, Secret(CANARY)).verdict == "unknown"


def test_providers_that_sign_take_no_key() -> None:
    check = check_key(Provider("bedrock", "anthropic", "bedrock", None, "Bedrock"), Secret(CANARY))
    assert check.verdict == "refused"


def test_a_new_key_makes_a_new_adapter() -> None:
    providers = Providers(Settings(), {"OPENAI_API_KEY": "from-the-environment"})
    adapters, model = Adapters(providers), Model("m", "openai", "m", "M")
    before = adapters.adapter_for(model)
    providers.use_key("openai", Secret(CANARY))
    assert providers.key_for(providers.get("openai")) == Secret(CANARY)
    assert providers.key_source(providers.get("openai")) == "config"
    assert adapters.adapter_for(model) is not before


@dataclass(frozen=True, slots=True)
class Documented:
    """How a provider answers to keys, as its documentation has it.

    Attributes:
        path: What is asked for.
        header: What carries the key, and what stands before it.
        taken: The body for a good key.
        refused: The body of the 401.
    """

    path: str
    header: tuple[str, str] = ("Authorization", "Bearer ")
    taken: str = '{"object": "list", "data": [{"id": "m", "object": "model"}]}'
    refused: str = '{"error": {"message": "Invalid API Key", "code": "invalid_api_key"}}'


DOCUMENTED = {
    "groq": Documented("/openai/v1/models"),
    "together": Documented("/v1/models", taken='[{"id": "m", "object": "model"}]'),
    "fireworks": Documented("/v1/accounts/fireworks/models?pageSize=1", taken='{"models": []}'),
    "mistral": Documented("/v1/models", refused='{"detail": "Unauthorized"}'),
    "openrouter": Documented(
        "/api/v1/key",
        taken='{"data": {"label": "sk-or-v1-au7...890", "usage": 25.5, "limit": null}}',
        refused='{"error": {"code": 401, "message": "User not found."}}',
    ),
    "azure": Documented(
        "/openai/models?api-version=2024-10-21",
        header=("api-key", ""),
        refused='{"error": {"code": "401", "message": "Access denied due to invalid subscription key."}}',
    ),
}


@pytest.fixture(params=DOCUMENTED)
def documented(request: pytest.FixtureRequest) -> Iterator[Provider]:
    """A provider at a server that answers as documented, and with 500 to whatever else is asked."""
    name: str = request.param
    api = DOCUMENTED[name]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            header, before = api.header
            status, body = (
                (200, api.taken) if self.headers[header] == f"{before}{CANARY}" else (401, api.refused)
            )
            if self.path != api.path:
                status, body = 500, "Error listing deployed models"
            self.send_response(status)
            self.send_header("content-type", "application/json" if status != 500 else "text/plain")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    known = known_providers()[name]
    home = f"http://127.0.0.1:{server.server_port}{urlsplit(known.get('base_url', '')).path}"
    yield Provider(
        name, "openai", known.get("client", "openai"), home, known["label"], needs_key=True, is_known_url=True
    )
    server.shutdown()
    server.server_close()


def test_each_provider_is_asked_as_it_documents(documented: Provider) -> None:
    good, bad = check_key(documented, Secret(CANARY)), check_key(documented, Secret("sk-wrong-0123456789"))
    assert good.verdict == "accepted", good.text
    assert bad.verdict == "refused", bad.text


def test_a_slow_name_server_holds_nobody_at_the_end() -> None:
    program = f"""
import socket, threading, time
real = socket.getaddrinfo
def look_up(host, *rest, **more):
    return time.sleep(60) if "slow" in str(host) else real(host, *rest, **more)
socket.getaddrinfo = look_up
from smallchat.config.keys import Secret
from smallchat.config.provider import Provider
from smallchat.providers.key_check import check_key
slow = Provider("slow", "openai", "openai", "http://slow.example/v1", "Slow")
checking = threading.Thread(target=check_key, args=(slow, Secret({CANARY!r})), daemon=True)
checking.start()
while not any(thread.name == "smallchat-key" for thread in threading.enumerate()):
    time.sleep(0.01)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
