from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.config import key_command
from smallchat.config.errors import ConfigError
from smallchat.config.provider import Providers, is_loopback, known_providers
from smallchat.config.schema import Settings

KEY = "sk-0123456789abcdef"
FULL_ENVIRONMENT = {
    str(known["key_env"]): f"key-of-{name}" for name, known in known_providers().items() if "key_env" in known
}


def providers(tables: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Providers:
    return Providers(Settings.model_validate({"providers": tables or {}}), environ or {})


def key_of(found: Providers, name: str) -> str | None:
    key = found.key_for(found.get(name))
    return key and key.reveal()


def test_known_providers_are_known() -> None:
    found = providers()
    assert found.names() == (
        "openai", "anthropic", "azure", "bedrock", "vertex", "groq", "together", "fireworks", "mistral",
        "openrouter", "ollama", "lmstudio", "local",
    )  # fmt: skip
    openai = found.get("openai")
    assert (openai.wire, openai.client, openai.base_url) == ("openai", "openai", "https://api.openai.com/v1")
    assert (openai.key_env, openai.needs_key, openai.is_known_url) == ("OPENAI_API_KEY", True, True)
    anthropic = found.get("anthropic")
    assert (anthropic.wire, anthropic.client) == ("anthropic", "anthropic")
    assert {name for name in found.names() if not found.get(name).needs_key} == {
        "bedrock", "vertex", "ollama", "lmstudio", "local",
    }  # fmt: skip


def test_an_unknown_provider_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match='Did you mean "anthropic"'):
        providers().get("antropic")


def test_a_gateway_has_its_own_address_wire_and_limits() -> None:
    found = providers(
        {
            "gateway": {"base_url": "https://gw.example/v1", "idle_timeout_s": 5.0, "label": "Our gateway"},
            "relay": {"base_url": "https://gw.example", "wire": "anthropic"},
            "azure": {"base_url": "https://us.openai.azure.com", "api_version": "2026-10-01", "key_env": "K"},
        },
        {"K": KEY},
    )
    gateway = found.get("gateway")
    assert (gateway.client, gateway.label, gateway.idle_timeout_s) == ("openai", "Our gateway", 5)
    assert (gateway.connect_timeout_s, gateway.payload_timeout_s) == (10, 180)
    assert (gateway.needs_key, gateway.is_known_url, found.key_for(gateway)) == (False, False, None)
    assert found.get("relay").client == "anthropic"
    azure = found.get("azure")
    assert (azure.client, azure.options, azure.needs_key) == ("azure", {"api_version": "2026-10-01"}, True)
    assert azure.is_known_url
    assert key_of(found, "azure") == KEY


@pytest.mark.parametrize(
    "name", [name for name, known in known_providers().items() if {"base_url", "key_env"} <= known.keys()]
)
@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:4000/v1",
        "https://evil.example/v1",
        "https://{host}.evil.example{path}",
        "https://{host}:444{path}",
        "http://{host}{path}",
        "https://{host}{path}/proxy",
        "https://x{host}{path}",
    ],
)
def test_a_key_never_goes_to_another_address(name: str, base_url: str) -> None:
    host, slash, path = str(known_providers()[name]["base_url"]).partition("://")[2].partition("/")
    table = {"base_url": base_url.format(host=host, path=slash + path)}
    found = providers({name: table}, FULL_ENVIRONMENT)
    provider = found.get(name)
    assert not provider.is_known_url
    assert found.key_for(provider) is None
    assert found.key_source(provider) is None
    assert provider.key_env is None


@given(st.text(st.sampled_from("htps:/api.openai.com@v1\\?#:%2e[]A "), max_size=40))
def test_only_the_address_itself_gets_the_key(url: str) -> None:
    from smallchat.config.provider import resolve_provider

    provider = resolve_provider("openai", {"base_url": url} if url else {}, FULL_ENVIRONMENT)
    if provider.key_env:
        assert provider.base_url == "https://api.openai.com/v1"


@pytest.mark.parametrize("url", ["https://API.openai.com/v1/", "https://api.openai.com:443/v1"])
def test_other_spellings_of_the_own_address_keep_the_key(url: str) -> None:
    found = providers({"openai": {"base_url": url}}, {"OPENAI_API_KEY": KEY})
    assert key_of(found, "openai") == KEY
    assert found.get("openai").base_url == "https://api.openai.com/v1"


def test_a_key_of_the_table_goes_to_the_address_of_the_table() -> None:
    environ = {"OPENAI_API_KEY": "not-this-one", "MINE": f" {KEY}\n"}
    url = {"base_url": "https://gw.example/v1"}
    assert key_of(providers({"openai": {**url, "api_key": KEY}}, environ), "openai") == KEY
    found = providers({"openai": {**url, "key_env": "MINE"}}, environ)
    assert key_of(found, "openai") == KEY
    assert found.key_source(found.get("openai")) == "MINE"


def test_a_named_variable_replaces_the_usual_one() -> None:
    found = providers({"openai": {"key_env": "MINE"}}, {"OPENAI_API_KEY": KEY})
    assert key_of(found, "openai") is None
    assert found.get("openai").key_env == "MINE"
    assert found.get("openai").needs_key


def test_the_azure_key_belongs_to_the_endpoint_beside_it() -> None:
    environ = {"AZURE_OPENAI_ENDPOINT": "https://us.openai.azure.com/", "AZURE_OPENAI_API_KEY": KEY}
    assert key_of(providers({}, environ), "azure") == KEY
    assert providers({}, environ).get("azure").base_url == "https://us.openai.azure.com/"
    other = {"azure": {"base_url": "https://other.openai.azure.com"}}
    assert key_of(providers(other, environ), "azure") is None
    assert key_of(providers(other, {"AZURE_OPENAI_API_KEY": KEY}), "azure") is None
    with pytest.raises(ConfigError, match="AZURE_OPENAI_ENDPOINT"):
        providers({}, {"AZURE_OPENAI_ENDPOINT": "us"}).get("azure")


@pytest.mark.parametrize("value", ["", "  \n"])
def test_an_empty_variable_is_no_key(value: str) -> None:
    assert key_of(providers({}, {"OPENAI_API_KEY": value}), "openai") is None


def test_a_bad_variable_is_told_without_its_value() -> None:
    with pytest.raises(ConfigError, match="OPENAI_API_KEY") as caught:
        key_of(providers({}, {"OPENAI_API_KEY": f"{KEY} {KEY}"}), "openai")
    assert KEY not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("environ", "models"),
    [
        ({"OPENAI_API_KEY": "a", "ANTHROPIC_API_KEY": "b"}, ("gpt-5.4-mini", "claude-haiku-4-5")),
        ({"OPENAI_API_KEY": "a"}, ("gpt-5.4-mini", "gpt-5.4-nano")),
        ({"ANTHROPIC_API_KEY": "b"}, ("claude-haiku-4-5", "claude-haiku-5-5")),
        ({"GROQ_API_KEY": "c"}, ("groq-llama-4-scout", "groq-gpt-oss-20b")),
        ({}, ()),
    ],
)
def test_the_keys_that_exist_decide_the_models(environ: dict[str, str], models: tuple[str, ...]) -> None:
    assert providers({}, environ).default_models() == models


def python(code: str) -> str:
    return f"'{sys.executable}' -c \"{code}\""


def test_a_command_prints_the_key_once(tmp_path: Path) -> None:
    count = tmp_path / "count"
    code = f"open('{count}', 'a').write('x'); print('{KEY}'); print('user: me')"
    found = providers({"anthropic": {"key_command": python(code)}})
    anthropic = found.get("anthropic")
    assert found.key_source(anthropic) == "command"
    assert not count.exists()
    assert [key_of(found, "anthropic") for _ in range(3)] == [KEY] * 3
    assert count.read_text() == "x"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (python(f"print('{KEY}'); import sys; sys.exit('{KEY}')"), "exit code 1"),
        (python("pass"), "printed nothing"),
        (python(f"print('{KEY} {KEY}')"), "space or line break"),
        ("no-such-program-anywhere", "was not found"),
        ("/", "could not be run"),
        ("'unbalanced", "quotes in pairs"),
        ("   ", "not a command"),
        (f"echo {KEY} | cat", "space or line break"),
    ],
)
def test_a_failing_command_is_told_without_its_output(command: str, words: str) -> None:
    found = providers({"anthropic": {"key_command": command}}, {"PATH": "/usr/bin:/bin"})
    with pytest.raises(ConfigError, match=r"key_command of \[providers.anthropic\]") as caught:
        key_of(found, "anthropic")
    assert words in str(caught.value)
    assert KEY not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_command_that_hangs_is_ended() -> None:
    with pytest.raises(ConfigError, match="no key within"):
        key_command.run_key_command(
            python("import time; time.sleep(60)"), "key_command", {}, time_limit_s=0.2
        )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:4000/v1", True),
        ("http://localhost", True),
        ("http://[::1]:1", True),
        ("http://127.0.0.1.evil.example", False),
        ("http://192.168.0.1", False),
        ("http://[", False),
        (None, False),
    ],
)
def test_loopback_is_this_machine(url: str | None, expected: bool) -> None:
    assert is_loopback(url) is expected
