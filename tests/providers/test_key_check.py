"""A key is tested against its own provider, on both wires, and stays out of what is told."""

from __future__ import annotations

from typing import Any

import pytest

from smallchat.catalog.model import Model
from smallchat.config.keys import Secret
from smallchat.config.provider import Provider, Providers
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
