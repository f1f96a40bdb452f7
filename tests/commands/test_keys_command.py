from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from smallchat import cli
from smallchat.config.reading import load_settings

KEY = "sk-0123456789abcdef"


@pytest.fixture
def config(home: Path) -> Path:
    return home / "config.toml"


def pipe(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))


def key_in(config: Path, provider: str) -> str | None:
    key = load_settings(config).providers[provider].api_key
    return key and key.reveal()


@pytest.mark.parametrize("content", [f"{KEY}\n", f"{KEY}\r\n", KEY, f"  {KEY}  \nignored\n"])
def test_set_keeps_the_first_line_of_stdin(
    config: Path, content: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe(monkeypatch, content.encode())
    assert cli.main(["keys", "set", "openai"]) == 0
    assert key_in(config, "openai") == KEY
    assert config.stat().st_mode & 0o777 == 0o600
    out, err = capsys.readouterr()
    assert out == ""
    assert "https://api.openai.com/v1" in err
    assert KEY not in err


def test_set_asks_on_a_terminal_without_showing(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    asked: list[str] = []
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or KEY)
    assert cli.main(["keys", "set", "anthropic"]) == 0
    assert key_in(config, "anthropic") == KEY
    assert "anthropic" in asked[0]


@pytest.mark.parametrize(
    ("provider", "content", "words"),
    [
        ("openai", b"", "is empty"),
        ("openai", b"\n" + KEY.encode(), "is empty"),
        ("openai", f"{KEY} {KEY}".encode(), "space or line break"),
        ("openai", b"\x00\x01" + KEY.encode(), "not plain ASCII"),
        ("openai", b"\xff\xfe" + KEY.encode(), "not plain ASCII"),
        ("opnai", KEY.encode(), 'Did you mean "openai"'),
        ("local", KEY.encode(), "takes no key"),
    ],
)
def test_what_can_not_be_set_is_told(
    config: Path, provider: str, content: bytes, words: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    pipe(monkeypatch, content)
    assert cli.main(["keys", "set", provider]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert KEY not in err
    assert not config.exists()


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_the_file_can_be_named_anywhere(home: Path, place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    other = home / "other.toml"
    pipe(monkeypatch, KEY.encode())
    words = ["keys", "set", "openai"]
    assert cli.main([*words[:place], "--config", str(other), *words[place:]]) == 0
    assert key_in(other, "openai") == KEY


def test_a_closed_stdin_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert cli.main(["keys", "set", "openai"]) == 2
    assert "is empty" in capsys.readouterr().err


def test_a_broken_file_is_told_before_a_key_is_asked(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text("[app]\nthem = 1\n")
    monkeypatch.setattr("smallchat.commands.keys._read_line", lambda provider: pytest.fail("asked"))
    assert cli.main(["keys", "set", "openai"]) == 2
    assert "line 2" in capsys.readouterr().err
    assert config.read_text() == "[app]\nthem = 1\n"


def test_list_names_sources_and_no_key(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(
        f"[providers.openai]\napi_key = '{KEY}'\n[providers.groq]\nkey_command = 'false'\n"
        "[providers.gw]\nbase_url = 'https://gw.example/v1'\n"
    )
    config.chmod(0o600)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    assert cli.main(["keys", "list"]) == 0
    out = capsys.readouterr().out
    assert KEY not in out
    lines = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert {name: lines[name] for name in ("openai", "anthropic", "groq", "mistral", "gw", "ollama")} == {
        "openai": "config",
        "anthropic": "ANTHROPIC_API_KEY",
        "groq": "command",
        "mistral": "–",
        "gw": "not needed",
        "ollama": "not needed",
    }
    assert cli.main(["keys", "list", "--json"]) == 0
    out = capsys.readouterr().out
    assert KEY not in out
    rows = {row["provider"]: row for row in json.loads(out)}
    assert rows["anthropic"]["key_source"] == "ANTHROPIC_API_KEY"
    assert rows["mistral"]["key_source"] is None
    assert rows["gw"] == {
        "provider": "gw", "key_source": None, "needs_key": False, "base_url": "https://gw.example/v1",
    }  # fmt: skip


def test_remove_takes_the_key_out_and_says_where_it_still_is(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe(monkeypatch, KEY.encode())
    assert cli.main(["keys", "set", "openai"]) == 0
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert cli.main(["keys", "remove", "openai"]) == 0
    err = capsys.readouterr().err
    assert "config.toml.bak" in err
    assert "OPENAI_API_KEY" in err
    assert KEY not in config.read_text()
    assert cli.main(["keys", "remove", "openai"]) == 2
    assert "no key for openai" in capsys.readouterr().err
