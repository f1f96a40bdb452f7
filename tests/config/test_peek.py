from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.config.peek import Peek, peek
from smallchat.config.provider import Providers
from smallchat.config.reading import load_settings

NOTHING = Peek(models=(), theme="smallchat-dark")


def test_without_file_and_keys_there_is_nothing(home: Path) -> None:
    assert peek(home / "config.toml", {}) == NOTHING


def test_reads_models_and_theme(home: Path) -> None:
    config = home / "config.toml"
    config.write_text("[app]\nmodels = ['a', 'b']\ntheme = 'x'\n")
    assert peek(config, {}) == Peek(("a", "b"), "x")


@pytest.mark.parametrize(
    ("text", "environ", "models"),
    [
        ("", {"OPENAI_API_KEY": "a"}, ("gpt-5.4-mini", "gpt-5.4-nano")),
        ("[providers.anthropic]\nkey_command = 'false'", {}, ("claude-haiku-4-5", "claude-haiku-5-5")),
        ("[providers.openai]\nbase_url = 'http://gw/v1'", {"OPENAI_API_KEY": "a"}, ()),
        ("", {"GROQ_API_KEY": "a"}, ("groq-llama-4-scout", "groq-gpt-oss-20b")),
        (
            "",
            {"TOGETHER_API_KEY": "a", "GROQ_API_KEY": "b"},
            ("groq-llama-4-scout", "together-llama-4-scout"),
        ),
        ("", {"OPENAI_API_KEY": "a", "GROQ_API_KEY": "b"}, ("gpt-5.4-mini", "gpt-5.4-nano")),
        ("[providers.openai]\nkey_env = 'MINE'", {"OPENAI_API_KEY": "a"}, ()),
    ],
)
def test_the_keys_decide_the_models_as_in_the_settings(
    home: Path, text: str, environ: dict[str, str], models: tuple[str, ...]
) -> None:
    config = home / "config.toml"
    config.write_text(text)
    assert peek(config, environ).models == models
    assert Providers(load_settings(config), environ).default_models() == models


def test_the_models_that_the_configuration_adds_are_something_to_begin_with(home: Path) -> None:
    config = home / "config.toml"
    config.write_text("[models.fast]\nprovider = 'ollama'\n[models.'gpt-5.4']\nvision = true\n")
    assert peek(config, {}).models == ()
    assert peek(config, {}).own == ("fast",)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe", b"[app", b"app = 3", b"[app]\nmodels = 3\ntheme = []", b"[app]\nmodels = [1, {}]",
        b"providers = [1]", b"[providers]\nopenai = 1", b"[providers.x]\nbase_url = 3\napi_key = 4",
        b"[providers.openai]\nbase_url = 'http://['", b"[providers.openai]\nwire = {}",
        b"[providers.openai]\nnew_timeout_s = 'a'\nidle_timeout_s = 'b'",
    ],
)  # fmt: skip
def test_what_is_wrong_is_left_out(home: Path, content: bytes) -> None:
    config = home / "config.toml"
    config.write_bytes(content)
    assert peek(config, {}).theme == "smallchat-dark"
    assert peek(home, {}) == NOTHING


@given(st.binary(max_size=200))
def test_never_raises(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    config = tmp_path_factory.getbasetemp() / "peek.toml"
    config.write_bytes(content)
    peek(config, {})


def test_needs_no_pydantic() -> None:
    code = (
        "import sys, pathlib, smallchat.config.peek as p; p.peek(pathlib.Path('none')); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"pydantic", "tomli_w", "platformdirs", "subprocess"} & set(loaded.split())
