from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from smallchat import cli

KEY = "sk-0123456789abcdef"


@pytest.fixture
def config(home: Path) -> Path:
    return home / "config.toml"


def write(config: Path, text: str, mode: int = 0o600) -> None:
    config.write_text(text)
    config.chmod(mode)


def test_path_prints_the_file(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{config}\n"


def test_show_is_toml_of_what_holds_without_any_key(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    write(
        config,
        f"[providers.openai]\napi_key = '{KEY}'\n[providers.groq]\nkey_command = 'echo {KEY}'\n"
        f"[providers.gw]\nbase_url = 'http://gw/v1'\nheaders = {{ X-Key = '{KEY}' }}\n"
        "[models.a]\nprice = { input = 0.10, output = 1 }\nparams = { temperature = 0.2 }\npath = 'a.gguf'\n"
        "[budget]\nday = 2.00\n",
    )
    assert cli.main(["config"]) == 0
    out, err = capsys.readouterr()
    assert KEY not in out + err
    shown = tomllib.loads(out)
    assert shown["app"]["models"] == ["gpt-5.4-mini", "claude-haiku-4-5"]
    assert shown["app"]["max_output"] == 2048
    assert shown["providers"]["openai"]["api_key"] == "(set)"
    assert shown["providers"]["groq"]["key_command"] == "(set)"
    assert shown["providers"]["gw"]["headers"] == {"X-Key": "(set)"}
    assert "input = 0.10" in out
    assert "day = 2.00" in out


def test_show_without_a_file_gives_the_defaults(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config", "show"]) == 0
    out, err = capsys.readouterr()
    assert tomllib.loads(out)["app"]["models"] == []
    assert "does not exist" in err


def test_check_is_ok_with_warnings(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(config, "[providers.gw]\nbase_url = 'http://gw.example/v1'\napi_key = 'k'\n")
    assert cli.main(["config", "check"]) == 0
    out, err = capsys.readouterr()
    assert out == f"ok: {config}\n"
    assert err.startswith("warning: [providers.gw]")


def preset(name: str, rules: str, use: str = "gpt-5.4-mini") -> str:
    head = f"[routing.presets.{name}]\ncandidates = ['gpt-5.4-mini']\nfallback = '{use}'\n"
    return head + f"rules = [{rules}]\n"


def test_check_warns_of_rules_that_are_never_reached(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = "{{ id = '{0}', when = {{ tokens = '>5' }}, use = ['gpt-5.4-mini'] }}"
    write(config, preset("mine", f"{rule.format('one')}, {rule.format('two')}"))
    assert cli.main(["config", "check"]) == 0
    out, err = capsys.readouterr()
    assert out == f"ok: {config}\n"
    assert err.splitlines() == [
        'warning: preset mine: rule "two" can never be reached: '
        'rule "one" before it takes all that it would match'
    ]


def test_check_tells_names_that_lead_nowhere(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "[app]\nmodels = ['gpt-5.4-mimi']\n[routing]\ndefault = 'sub'\n"
    write(config, text + preset("mine", "", use="gpt-5.4-nano"))
    assert cli.main(["config", "check"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    models, default, mine = err.splitlines()
    assert 'models: Unknown model "gpt-5.4-mimi"' in models
    assert 'unknown preset "sub"' in default
    assert "[routing.presets.mine] fallback" in mine


def test_check_tells_every_problem(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(config, "[app]\nthem = 'x'\nrun = 'y'\n")
    assert cli.main(["config", "check"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.partition(": ")[0] for line in err.splitlines()] == [
        f"{config}, line {line}" for line in (2, 3)
    ]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_file_can_be_named_anywhere(home: Path, place: int, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["config", "path"]
    assert cli.main([*words[:place], "--config", str(home / "other.toml"), *words[place:]]) == 0
    assert capsys.readouterr().out == f"{home / 'other.toml'}\n"


@pytest.mark.parametrize("action", ["show", "check"])
def test_a_named_file_has_to_exist(home: Path, action: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config", action, "--config", str(home / "none.toml")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "none.toml does not exist" in err


def test_init_writes_an_example_once(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config", "init"]) == 0
    assert capsys.readouterr().out == f"{config}\n"
    assert config.stat().st_mode & 0o777 == 0o600
    assert cli.main(["config", "check"]) == 0
    assert cli.main(["config", "init"]) == 2
    assert "exists already" in capsys.readouterr().err


def test_keys_that_others_can_read_are_refused(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(config, f"[providers.openai]\napi_key = '{KEY}'\n", 0o644)
    assert cli.main(["config", "show"]) == 2
    assert f"chmod 600 {config}" in capsys.readouterr().err
