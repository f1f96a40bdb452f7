"""The command line starts quickly and fails in words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from smallchat import __version__
from smallchat.cli import COMMANDS, build_parser, main
from smallchat.tui.main import Options

HEAVY = (
    "textual",
    "rich",
    "openai",
    "anthropic",
    "httpx2",
    "pydantic",
    "tiktoken",
    "genai_prices",
    "asyncio",
)


def modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stderr.split())


def test_the_version_is_told_without_loading_anything() -> None:
    loaded = modules_after("from smallchat.cli import main\nmain(['--version'])")
    assert loaded.isdisjoint(HEAVY)
    assert "smallchat.config" not in loaded


@pytest.mark.parametrize(
    "room",
    [
        "safe_text",
        "config",
        "catalog.catalog",
        "metering.meter",
        "metering.cost",
        "engine.engine",
        "providers.registry",
    ],
)
def test_rooms_import_neither_screens_nor_sdks(room: str) -> None:
    loaded = modules_after(f"import smallchat.{room}")
    assert loaded.isdisjoint(
        {"textual", "rich", "openai", "anthropic", "httpx2", "pydantic", "genai_prices", "tiktoken"}
    )


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"smallchat {__version__}\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--help"])
    assert exit_.value.code == 0
    out = capsys.readouterr().out
    assert all(command in out for command in COMMANDS)


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"], ["ask", "--nonsense"]])
def test_unknown_arguments_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_an_unexpected_error_is_one_line_without_locals(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(_options: object) -> int:
        raise RuntimeError("boom \x1b[2J")

    monkeypatch.setattr("smallchat.commands.models.run", explode)
    assert main(["models"]) == 1
    err = capsys.readouterr().err
    assert "boom" in err
    assert "--debug" in err
    assert "\x1b" not in err


@pytest.mark.parametrize(
    "words",
    [
        ["sessions"],
        ["sessions", "list"],
        ["sessions", "show", "last"],
        ["sessions", "search", "heating"],
        ["sessions", "delete", "last"],
        ["keys", "list"],
        ["keys", "set", "openai"],
        ["config", "check"],
        ["local", "status"],
        ["ask", "hello"],
        ["export", "last"],
    ],
    ids=" ".join,
)
def test_the_common_options_may_stand_anywhere(words: list[str]) -> None:
    common = ["--config", "mine.toml", "--debug"]
    for place in range(len(words) + 1):
        options = build_parser().parse_args([*words[:place], *common, *words[place:]])
        assert options.config == Path("mine.toml")
        assert options.debug
        assert options.command == words[0]


def test_without_a_terminal_the_screens_do_not_open(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-m", "smollm2"]) == 2
    assert "need a terminal" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--resume"], ["--route", "auto"]])
def test_a_file_goes_with_whatever_is_opened(
    option: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Options] = []

    def open_screens(options: Options) -> int:
        opened.append(options)
        return 0

    monkeypatch.setattr("smallchat.tui.main.run", open_screens)
    (tmp_path / "notes.txt").write_text("about rivers")
    assert main([*option, "--file", str(tmp_path / "notes.txt")]) == 0
    assert [file.name for file in opened[0].files] == ["notes.txt"]
