"""One adapter for all models of a provider and wire, with the key of that provider and no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from smallchat.catalog.model import Model
from smallchat.config.errors import ConfigError
from smallchat.config.keys import Secret
from smallchat.config.provider import Providers
from smallchat.config.schema import Settings
from smallchat.metering.events import Failure
from smallchat.providers.base import ProviderError
from smallchat.providers.local.endpoint import Endpoint
from smallchat.providers.registry import Adapters
from tests.providers.asking import CANARY, WIRES, hear, request
from tests.servers.sse import SSEServer


def make_adapters(environ: dict[str, str], servers: Any = None, **providers: Any) -> Adapters:
    settings = Settings.model_validate({"providers": providers})
    return Adapters(Providers(settings, environ), servers)


def model(name: str, provider: str, **more: Any) -> Model:
    return Model(name, provider, name, name, **more)


def test_models_of_one_provider_and_wire_share_an_adapter() -> None:
    adapters = make_adapters({"OPENAI_API_KEY": CANARY, "ANTHROPIC_API_KEY": CANARY})
    mini = adapters.adapter_for(model("gpt-5.4-mini", "openai"))
    assert adapters.adapter_for(model("gpt-5.4-nano", "openai")) is mini
    assert adapters.adapter_for(model("claude-haiku-4-5", "anthropic")) is not mini


def test_without_a_key_the_cure_is_named() -> None:
    with pytest.raises(ProviderError) as caught:
        make_adapters({}).adapter_for(model("claude-haiku-4-5", "anthropic"))
    assert caught.value.failure.kind == "no_key"
    assert (
        str(caught.value)
        == "No key for anthropic: set ANTHROPIC_API_KEY or run smallchat keys set anthropic."
    )


def test_an_unknown_provider_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="nobody"):
        make_adapters({}).adapter_for(model("m", "nobody"))


async def test_a_providers_usual_key_stays_from_another_address(server: SSEServer) -> None:
    gateway = {"base_url": server.openai_url}
    adapters = make_adapters({"OPENAI_API_KEY": CANARY}, openai=gateway)
    heard = await hear(adapters.adapter_for(model("m", "openai")), request())  # type: ignore[arg-type]
    await adapters.close()
    assert heard.meter().status == "ok"
    assert CANARY not in str(server.chats[0].headers)


class Children:
    """Stands for the local servers: the same child until it is told to move."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.key = Secret("local-key-1")
        self.closed = False
        self.failure: Failure | None = None

    async def endpoint(self, model: Model) -> Endpoint:
        if self.failure is not None:
            raise ProviderError(self.failure)
        return Endpoint(self.address, self.key)

    async def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("wire", WIRES)
async def test_a_local_model_is_found_again_where_its_new_child_listens(server: SSEServer, wire: Any) -> None:
    children = Children("http://127.0.0.1:9")
    adapters = make_adapters({}, children)
    smollm: Any = adapters.adapter_for(replace(model("smollm2", "local"), wire=wire))
    await smollm.warm()
    assert (await hear(smollm, request())).failure.kind == "connection"
    children.address, children.key = server.anthropic_url, Secret("local-key-2")
    assert (await hear(smollm, request())).meter().status == "ok"
    assert server.chats[0].headers["authorization"] == "Bearer local-key-2"
    await adapters.close()
    assert children.closed


async def test_a_local_model_that_does_not_start_says_why() -> None:
    children = Children("")
    children.failure = Failure("not_found", "The weights are not here yet.", "Run `smallchat local install`.")
    adapters = make_adapters({}, children)
    smollm: Any = adapters.adapter_for(model("smollm2", "local"))
    await smollm.warm()
    assert (await hear(smollm, request())).failure == children.failure
    await adapters.close()


def test_local_models_of_different_files_have_their_own_adapters() -> None:
    adapters = make_adapters({}, Children(""))
    one, two = (adapters.adapter_for(model("m", "local", path=Path(name))) for name in ("a.gguf", "b.gguf"))
    assert one is not two
    assert adapters.adapter_for(model("again", "local", path=Path("a.gguf"))) is one
