"""Failures of the network in plain words, and whatever a server may report."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.config.errors import ConfigError
from smallchat.config.keys import Secret
from smallchat.config.provider import Provider
from smallchat.providers.failures import explain, explain_missing_key
from smallchat.providers.origin import Origin
from smallchat.providers.reported import explain_report
from smallchat.providers.retry_after import read_retry_after
from tests.providers.asking import CANARY, WIRES, adapter_at, hear, request
from tests.servers.sse import SSEServer

PROVIDER = Provider(
    "gateway", "openai", "openai", "https://api.example.com:8443/v1", "Gateway", key_env="GW_KEY"
)
ORIGIN = Origin(PROVIDER, "m", ("temperature",), (Secret(CANARY),))


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@pytest.mark.parametrize("wire", WIRES)
async def test_nobody_listens(server: SSEServer, wire: str) -> None:
    port = free_port()
    async with adapter_at(server, wire, base_url=f"http://127.0.0.1:{port}/v1") as adapter:
        heard = await hear(adapter, request())
    assert heard.failure.kind == "connection"
    assert f"can not connect to 127.0.0.1:{port}: nothing listens there" in heard.failure.message
    assert "Is the server running?" in heard.failure.hint
    assert heard.error is not None
    assert heard.error.retryable


@pytest.mark.parametrize("wire", WIRES)
async def test_no_such_host(server: SSEServer, wire: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with adapter_at(server, wire, base_url="http://no-such-host.invalid/v1") as adapter:
        heard = await hear(adapter, request())
    assert heard.failure.kind == "connection"
    assert "no host no-such-host.invalid" in heard.failure.message


@pytest.mark.parametrize("base_url", ["http://[::1", "http://exa mple/v1"])
async def test_an_address_that_is_none(server: SSEServer, base_url: str) -> None:
    async with adapter_at(server, "openai", base_url=base_url) as adapter:
        heard = await hear(adapter, request())
    assert heard.failure.kind in ("bad_request", "connection")


def chained(*errors: BaseException) -> BaseException:
    for outer, inner in pairwise(errors):
        outer.__cause__ = inner
    return errors[0]


def test_certificates_and_tls() -> None:
    untrusted = ssl.SSLCertVerificationError(1, "failed")
    untrusted.verify_message = "self-signed certificate"
    failed = explain(chained(OSError("outer"), untrusted), ORIGIN)
    assert failed.failure.kind == "tls"
    assert "api.example.com:8443" in failed.failure.message
    assert "self-signed certificate" in failed.failure.message
    assert not failed.retryable
    plain = explain(chained(OSError("outer"), ssl.SSLError(1, "WRONG_VERSION_NUMBER")), ORIGIN)
    assert plain.failure.kind == "tls"
    assert "http instead of https" in plain.failure.hint


def test_reasons_are_found_in_groups() -> None:
    group = ExceptionGroup("both", [ConnectionRefusedError(111, "refused"), OSError(101, "unreachable")])
    assert (
        "connection refused"
        in explain(chained(OSError("All attempts failed"), group), ORIGIN).failure.message
    )


def test_a_missing_key_names_its_cure() -> None:
    failed = explain_missing_key(Origin(PROVIDER))
    assert failed.failure.kind == "no_key"
    assert failed.failure.message == "No key for gateway: set GW_KEY or run smallchat keys set gateway."
    assert explain(ConfigError("The key in GW_KEY is empty."), ORIGIN).failure.kind == "no_key"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"message": "Incorrect API key provided"}, "auth"),
        (401, {"error": {"type": "invalid_request_error"}}, "auth"),
        (404, {"type": "invalid_request_error", "code": "model_not_found"}, "not_found"),
        (404, "<html>not here</html>", "not_found"),
        (413, {"error": {"type": "request_too_large", "message": "too large"}}, "bad_request"),
        (
            422,
            {"detail": [{"loc": ["body", "top_k"], "msg": "Extra inputs are not permitted"}]},
            "bad_request",
        ),
        (429, {"error": {"type": "requests", "code": "rate_limit_exceeded"}}, "rate_limit"),
        (500, {"error": {"type": "overloaded_error"}}, "overloaded"),
        (418, None, "bad_request"),
        (599, None, "server"),
        (200, {"code": 502, "message": "upstream"}, "server"),
        (200, {"type": "overloaded_error", "message": "busy"}, "overloaded"),
        (200, {"message": "context window exceeded", "code": "context_length_exceeded"}, "bad_request"),
    ],
)
def test_what_servers_report(status: int, body: Any, kind: str) -> None:
    assert explain_report(body, status, ORIGIN).failure.kind == kind


def test_fields_of_a_validation_error_are_named() -> None:
    body = {"detail": [{"loc": ["body", "top_k"], "msg": "Extra inputs are not permitted"}]}
    assert "top_k: Extra inputs are not permitted" in explain_report(body, 422, ORIGIN).failure.message


@pytest.mark.parametrize(
    "told", [CANARY, CANARY[:20] + "...", f"Bearer {CANARY}", "sk-proj-abcdefgh12345678"]
)
def test_a_key_in_a_message_is_masked(told: str) -> None:
    for status in (400, 401, 403, 404, 429, 500):
        failure = explain_report({"message": f"The key {told} is wrong"}, status, ORIGIN).failure
        assert told[7:20] not in failure.message + failure.hint


KEYS = st.sampled_from(["error", "message", "code", "type", "detail", "loc", "msg", "status"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
json_values = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=12
)


@given(json_values, st.sampled_from([200, 307, 400, 401, 404, 429, 500, 529]))
def test_any_report_becomes_two_safe_lines(body: Any, status: int) -> None:
    headers = {"retry-after": str(body), "location": str(body)}
    failure = explain_report(body, status, ORIGIN, headers).failure
    for line in (failure.message, failure.hint):
        assert len(line) < 700
        assert line.isprintable() or not any(ord(character) < 32 for character in line)
        assert "\x1b" not in line


def test_retry_after() -> None:
    now = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert read_retry_after({"retry-after": "1.5"}, now) == 1.5
    assert read_retry_after({"retry-after": "Fri, 20 Nov 2026 10:00:30 GMT"}, now) == 30
    assert read_retry_after({"retry-after": "Fri, 20 Nov 2026 09:00:00 GMT"}, now) == 0
    assert read_retry_after({"retry-after": "9", "retry-after-ms": "250"}, now) == 0.25
    for nonsense in ("", "soon", "-1", "nan", "inf", "Fri, 99 Nov 2026"):
        assert read_retry_after({"retry-after": nonsense}, now) is None
