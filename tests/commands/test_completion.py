"""What a shell is told when somebody presses Tab."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from smallchat.cli import main


def complete(line: str, out: Path) -> list[str]:
    """Ask as a shell does: it takes the answer from a file that it names."""
    subprocess.run(
        [sys.executable, "-m", "smallchat"],
        check=True,
        env={
            **os.environ,
            "_ARGCOMPLETE": "1",
            "_ARGCOMPLETE_IFS": "\n",
            "_ARGCOMPLETE_STDOUT_FILENAME": str(out),
            "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
            "COMP_LINE": line,
            "COMP_POINT": str(len(line)),
            "COMP_TYPE": "9",
        },
    )
    return [word.strip().replace("\\", "") for word in out.read_text().split("\n")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("smallchat se", ["sessions"]),
        ("smallchat ask --no-s", ["--no-save"]),
        ("smallchat ask -m claude-haiku-4", ["claude-haiku-4-5"]),
        ("smallchat ask -m gpt-4o-mini,claude-haiku-5", ["gpt-4o-mini,claude-haiku-5-5"]),
        ("smallchat --route cost", ["cost-benefit"]),
        ("smallchat completion f", ["fish"]),
    ],
)
def test_tab_completes(line: str, expected: list[str], tmp_path: Path) -> None:
    assert complete(line, tmp_path / "out") == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_code(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert "smallchat" in capsys.readouterr().out
