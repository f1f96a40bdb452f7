"""The real program behind a pseudo-terminal: first frame, signals, exit codes; and what it imports."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

HEAVY = (
    *("pydantic", "openai", "anthropic", "httpx2", "markdown_it", "pygments", "tiktoken", "genai_prices"),
    *("smallchat.metering.events", "smallchat.catalog.model", "smallchat.tui.first_openings"),
)
LEFT_ALTERNATE_SCREEN = b"\x1b[?1049l"


class Terminal:
    """The program in a terminal of its own."""

    def __init__(self, config: Path, *arguments: str, columns: int = 100, rows: int = 30) -> None:
        self.written = b""
        self.process, self._fd = pty.fork()
        if self.process == 0:
            environ = {**os.environ, "TERM": "xterm-256color", "SMALLCHAT_CONFIG": str(config)}
            os.execve(sys.executable, [sys.executable, "-m", "smallchat", *arguments], environ)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def wait_for(self, mark: bytes, seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while mark not in self.written:
            assert time.monotonic() < deadline, f"{mark!r} did not come: {self.written[-2000:]!r}"
            if select.select([self._fd], [], [], 0.1)[0]:
                try:
                    self.written += os.read(self._fd, 65536)
                except OSError:  # the other end has closed
                    assert mark in self.written, self.written[-2000:]

    def exit_code(self, seconds: float = 20.0) -> int:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if select.select([self._fd], [], [], 0.05)[0]:
                try:
                    self.written += os.read(self._fd, 65536)
                except OSError:
                    pass
            process, status = os.waitpid(self.process, os.WNOHANG)
            if process:
                os.close(self._fd)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.process, signal.SIGKILL)
        raise AssertionError("it did not exit")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('[app]\nmodels = ["gpt-5.4-mini", "claude-haiku-4-5"]\n', encoding="utf-8")
    return path


def test_the_screen_comes_and_ctrl_q_leaves(config: Path) -> None:
    terminal = Terminal(config)
    terminal.wait_for(b"Haiku 4.5")  # the label: settings and catalog are loaded
    terminal.type("\x11")
    assert terminal.exit_code() == 0
    assert LEFT_ALTERNATE_SCREEN in terminal.written


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_and_restores_the_terminal(config: Path, number: int) -> None:
    terminal = Terminal(config)
    terminal.wait_for(b"Haiku 4.5")
    os.kill(terminal.process, number)
    assert terminal.exit_code() == 128 + number
    assert LEFT_ALTERNATE_SCREEN in terminal.written


def test_a_mistake_in_the_configuration_is_printed_after_the_screen_is_left(config: Path) -> None:
    config.write_text('[app]\nthem = "x"\n', encoding="utf-8")
    terminal = Terminal(config, "-m", "gpt-5.4-mini")
    assert terminal.exit_code() == 2
    after = terminal.written.rpartition(LEFT_ALTERNATE_SCREEN)[2]
    assert b'Did you mean "theme"?' in after
    assert b"Traceback" not in after


def test_without_keys_or_models_the_welcome_screen_comes(config: Path) -> None:
    config.write_text("", encoding="utf-8")
    terminal = Terminal(config)
    terminal.wait_for(b"Use a key you have")
    terminal.type("\x11")
    assert terminal.exit_code() == 0


def test_the_first_frame_needs_nothing_heavy() -> None:
    code = (
        "import sys, smallchat.tui.main, smallchat.tui.app, smallchat.tui.backend\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]", found.stdout + found.stderr
