"""The README says what the program says. ``python -m tests.test_readme`` writes its command help anew."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from smallchat.cli import COMMANDS, build_parser

README = Path(__file__).parents[1] / "README.md"
HELP = re.compile(r"(?<=<!-- command help -->\n).*?(?=<!-- end of command help -->)", re.DOTALL)
WIDTH = "100"


def command_help() -> str:
    """Return the help of all commands as Markdown."""
    os.environ["COLUMNS"] = WIDTH
    parser = build_parser()
    commands = next(action for action in parser._actions if action.dest == "command").choices or {}
    parts = [("smallchat", parser), *((f"smallchat {name}", commands[name]) for name in COMMANDS)]  # type: ignore[index]
    return "\n".join(
        f"<details><summary><code>{name}</code></summary>\n\n```\n{one.format_help().strip()}\n```\n\n</details>\n"
        for name, one in parts
    )


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="argparse lays its help out differently")
def test_the_command_help_is_that_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", WIDTH)
    written = HELP.search(README.read_text(encoding="utf-8"))
    assert written is not None
    assert written[0] == command_help()


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\((\S+?)\)", README.read_text(encoding="utf-8"))
    assert pictures
    assert all((README.parent / picture).is_file() for picture in pictures)


if __name__ == "__main__":
    text = HELP.sub(lambda _: command_help(), README.read_text(encoding="utf-8"))
    README.write_text(text, encoding="utf-8")
