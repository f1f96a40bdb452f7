"""How the app ends when it can not close: the terminal can be typed in, no key is told."""

from __future__ import annotations

import os
import pty
import sys
import termios
from pathlib import Path

import pytest

from smallchat.tui.crash import describe_crash
from smallchat.tui.signals import Leaving
from tests.tui.fakes import CONFIG, Stage

STUCK = """
import sys, tty
from smallchat.tui.signals import Leaving
leaving = Leaving(print)
tty.setraw(0)
leaving._give_up(143)
"""


def test_giving_up_leaves_a_terminal_that_can_be_typed_in() -> None:
    process, fd = pty.fork()
    if process == 0:
        os.execve(sys.executable, [sys.executable, "-c", STUCK], dict(os.environ))
    written = b""
    while b"\x1b[?25h" not in written:
        written += os.read(fd, 4096)
    assert b"\x1b[?1049l" in written
    flags = termios.tcgetattr(fd)[3]
    assert flags & termios.ICANON
    assert flags & termios.ECHO
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 143
    os.close(fd)


def test_without_a_terminal_there_is_nothing_to_restore(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr(sys, "__stdin__", None)
    Leaving(print)._give_up(129)
    assert ended == [129]


async def test_a_crash_tells_no_key_of_the_configuration(tmp_path: Path) -> None:
    key = "sk-this-is-a-secret-of-mine"
    stage = Stage(
        tmp_path, config=CONFIG.replace('label = "Gateway"', f'label = "Gateway"\napi_key = "{key}"')
    )
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        told = describe_crash(
            RuntimeError(f"401: {key} is not valid"), debug=True, secrets=stage.app.secrets()
        )
    assert "RuntimeError: 401" in told
    assert key not in told


async def test_a_prompt_that_was_not_sent_is_not_left_behind_by_one_key(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        stage.screen.composer.insert("A long thought")
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert stage.app.is_running
        (note,) = stage.app._notifications
        assert note.message == "The prompt is not sent yet: Ctrl+Q again leaves without it."
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert not stage.app.is_running


async def test_with_nothing_written_one_key_leaves(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert not stage.app.is_running
