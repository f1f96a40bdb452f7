"""A comparison cut off by ``kill -9``, from its resumption to the file that another person reads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.sse import serve_process
from tests.tui.test_terminal import Terminal

F5 = "\x1b[15~"
CTRL_S, CTRL_Q = "\x13", "\x11"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the empty directory that the program is started in."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def write_config(path: Path, base_url: str) -> Path:
    lines = ["[app]", 'models = ["left", "right"]', "[providers.gateway]", 'wire = "openai"']
    lines += [f'base_url = "{base_url}"', 'api_key = "sk-gateway-0123456789"']
    for name in ("left", "right"):
        lines += [f"[models.{name}]", 'provider = "gateway"']
    path.write_text("\n".join(lines), encoding="utf-8")
    path.chmod(0o600)
    return path


def smallchat(config: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "smallchat", "--config", str(config), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def read_answers(config: Path) -> list[str]:
    """Return what the last session's answers are so far."""
    turns = json.loads(smallchat(config, "sessions", "show", "last", "--json"))["turns"]
    return [answer["text"] for answer in turns[0]["answers"]]


def test_what_was_cut_off_is_resumed_promoted_exported_and_read_back(here: Path, tmp_path: Path) -> None:
    with serve_process("--text", "words", "--tps", "40", "--tokens", "2000") as server:
        config = write_config(tmp_path / "config.toml", server.openai_url)
        terminal = Terminal(config)
        terminal.wait_for(b"right")
        terminal.wait_for("\N{WHITE CIRCLE} ready".encode())
        terminal.type("Say many words\r")
        terminal.wait_for("\N{BLACK CIRCLE} writing".encode())
        while not all(answers := read_answers(config)):  # until the store has words of both
            pass
        assert len(answers) == 2
        os.kill(terminal.process, signal.SIGKILL)
        assert terminal.exit_code() == -signal.SIGKILL

        resumed = Terminal(config, "--resume")
        resumed.wait_for(b"cut off")
        resumed.wait_for(b"smallchat ended while this answer")
        resumed.type(F5)
        resumed.wait_for(b"goes on alone")
        resumed.type(CTRL_S)
        resumed.wait_for(b"Saved say-many-words-")
        resumed.type(CTRL_Q)
        assert resumed.exit_code() == 0
    (file,) = here.iterdir()
    exported = file.read_text(encoding="utf-8")
    assert "sk-gateway" not in exported
    record = json.loads(smallchat(config, "export", file.name, "--format", "json"))
    assert [model["name"] for model in record["session"]["models"]] == ["left"]
    (answer,) = record["turns"][0]["answers"]
    assert answer["status"] == "cut"
    assert answer["text"]
    assert smallchat(config, "export", file.name) == exported

    again = Terminal(config, "--resume", file.name)
    again.wait_for(b"cut off")
    again.type(CTRL_Q)
    assert again.exit_code() == 0
