"""Clients say what the configuration says: nothing of the environment, no key where it does not belong."""

from __future__ import annotations

import contextlib
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from smallchat.config.keys import Secret
from smallchat.config.provider import Provider
from smallchat.providers.adapter import build_adapter
from smallchat.providers.anthropic_messages import AnthropicMessages
from smallchat.providers.base import ChatRequest, Message, ProviderError
from smallchat.providers.clients import build_anthropic_client, build_openai_client
from smallchat.providers.http import build_http_client
from smallchat.providers.openai_chat import OpenAIChat
from tests.providers.asking import CANARY, WIRES, adapter_at, hear, provider_at, request
from tests.servers.sse import SSEServer

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = {
    "OPENAI_API_KEY": "sk-foreign", "OPENAI_BASE_URL": "http://127.0.0.1:9", "OPENAI_ORG_ID": "org-foreign",
    "OPENAI_PROJECT_ID": "project-foreign", "OPENAI_ADMIN_KEY": "sk-foreign", "OPENAI_LOG": "debug",
    "OPENAI_CUSTOM_HEADERS": "X-Foreign: yes\nAuthorization: Bearer foreign",
    "ANTHROPIC_API_KEY": "sk-foreign",
    "ANTHROPIC_AUTH_TOKEN": "foreign", "ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "ANTHROPIC_LOG": "debug",
    "ANTHROPIC_CUSTOM_HEADERS": "X-Foreign: yes\nX-Api-Key: foreign",
    "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9",
}  # fmt: skip


@pytest.mark.parametrize("wire", WIRES)
async def test_nothing_of_the_environment_is_sent(
    server: SSEServer, wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    async with adapter_at(server, wire, headers={"X-Team": Secret("blue")}) as adapter:
        await adapter.warm()
        heard = await hear(adapter, request())
    assert heard.meter().status == "ok"
    headers = server.chats[0].headers
    assert "foreign" not in str(headers)
    assert headers["authorization"] == f"Bearer {CANARY}"
    assert headers["x-team"] == "blue"
    assert headers["accept-encoding"] == "identity"
    assert headers["x-stainless-retry-count"] == "0"
    assert not {"openai-organization", "openai-project"} & set(headers)


@pytest.mark.parametrize("wire", WIRES)
async def test_without_a_key_none_is_sent(
    server: SSEServer, wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-foreign")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-foreign")
    adapter = build_adapter(provider_at(server, wire), None)
    heard = await hear(adapter, request())
    await adapter.close()
    assert heard.meter().status == "ok"
    assert not {"authorization", "x-api-key"} & set(server.chats[0].headers)


@pytest.mark.parametrize("wire", WIRES)
async def test_a_failing_server_is_asked_once(server: SSEServer, wire: str) -> None:
    async with adapter_at(server, wire) as adapter:
        for fault in ("fault-429", "fault-500", "fault-redirect"):
            await hear(adapter, request(fault))
    assert [seen.path for seen in server.requests] == [server.requests[0].path] * 3


def test_the_sdks_do_not_log_into_the_screen() -> None:
    code = """
import asyncio, logging
from tests.servers.sse import serve
from tests.providers.asking import adapter_at, hear, request
async def main():
    with serve() as server:
        for wire in ("openai", "anthropic"):
            async with adapter_at(server, wire) as adapter:
                await hear(adapter, request("fault-401"))
asyncio.run(main())
"""
    environ = {"OPENAI_LOG": "debug", "ANTHROPIC_LOG": "debug", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environ, check=True
    )
    assert done.stdout + done.stderr == ""


def test_importing_the_room_imports_no_sdk() -> None:
    code = """
import pkgutil, sys, importlib, smallchat.providers as room
for module in pkgutil.walk_packages(room.__path__, "smallchat.providers."):
    if not module.name.endswith(("runner", "pip_child")):
        importlib.import_module(module.name)
print(sorted({"openai", "anthropic", "httpx2", "pydantic", "textual", "rich"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]", done.stderr


class Caught:
    """Answers requests in their stead, and keeps the last one."""

    def __init__(self, body: bytes) -> None:
        import httpx2

        self.body = body
        self.request: Any = None
        self.transport = httpx2.MockTransport(self.answer)

    def answer(self, request: Any) -> Any:
        import httpx2

        self.request = request
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=self.body)


ASKED = ChatRequest("mini", (Message("user", "Hi"),))


async def test_azure_is_asked_below_the_deployment() -> None:
    provider = Provider(
        "azure",
        "openai",
        "azure",
        "https://x.openai.azure.com",
        "Azure",
        options={"api_version": "2025-01-01"},
    )
    caught = Caught(OpenAIChat.rehearsal)
    client = build_openai_client(provider, Secret(CANARY), build_http_client(provider, caught.transport))
    await (await OpenAIChat(provider).send(client, ASKED)).close()
    url = "https://x.openai.azure.com/openai/deployments/mini/chat/completions?api-version=2025-01-01"
    assert str(caught.request.url) == url
    assert caught.request.headers["api-key"] == CANARY
    assert json.loads(caught.request.content)["max_completion_tokens"] == 2048


def test_azure_without_an_address_says_so() -> None:
    provider = Provider("azure", "openai", "azure", None, "Azure")
    with pytest.raises(ProviderError, match="No address is known for azure"):
        build_openai_client(provider, Secret(CANARY), build_http_client(provider))


async def test_bedrock_is_asked_in_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", CANARY)
    monkeypatch.setenv("ANTHROPIC_BEDROCK_BASE_URL", "http://127.0.0.1:9")
    provider = Provider("bedrock", "anthropic", "bedrock", None, "Bedrock", options={"region": "eu-west-1"})
    caught = Caught(b"")
    client = build_anthropic_client(provider, None, build_http_client(provider, caught.transport))
    with contextlib.suppress(ModuleNotFoundError):  # what decodes Amazon's stream need not be installed
        await (await AnthropicMessages().send(client, ASKED)).close()
    url = "https://bedrock-runtime.eu-west-1.amazonaws.com/model/mini/invoke-with-response-stream"
    assert str(caught.request.url) == url
    assert caught.request.headers["authorization"] == f"Bearer {CANARY}"


def test_bedrocks_bearer_token_is_for_amazon_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", CANARY)
    provider = Provider(
        "bedrock", "anthropic", "bedrock", "http://127.0.0.1:9", "Bedrock", options={"region": "eu-west-1"}
    )
    client: Any = build_anthropic_client(provider, None, build_http_client(provider))
    assert client.api_key is None


async def test_vertex_is_asked_in_its_project() -> None:
    options = {"region": "europe-west1", "project": "p-1"}
    provider = Provider("vertex", "anthropic", "vertex", None, "Vertex", options=options)
    caught = Caught(AnthropicMessages.rehearsal)
    client: Any = build_anthropic_client(provider, None, build_http_client(provider, caught.transport))
    client.access_token = "token"
    await (await AnthropicMessages().send(client, ASKED)).close()
    url = str(caught.request.url)
    assert url.startswith(
        "https://europe-west1-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west1/"
    )
    assert url.endswith("/models/mini:streamRawPredict")


async def test_the_anthropic_path_is_not_doubled(server: SSEServer) -> None:
    async with adapter_at(server, "anthropic", base_url=f"{server.anthropic_url}/v1/") as adapter:
        assert (await hear(adapter, request())).meter().status == "ok"


def test_loggers_are_quiet() -> None:
    for name in ("openai", "anthropic"):
        assert not logging.getLogger(name).isEnabledFor(logging.CRITICAL)
