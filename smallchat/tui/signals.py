"""Leaving when the system says so, also when the terminal no longer reads and a write is stuck."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

PATIENCE_S = 5.0
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
# No mouse, no focus reports, no bracketed paste, plain keys, the main screen, a cursor.
_PLAIN = b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[?1049l\x1b[?25h"


class Leaving:
    """Handles SIGTERM and SIGHUP while the app runs. Our children end with their parent, however it ends."""

    def __init__(self, leave: Callable[[int], object]) -> None:
        """Have ``leave`` called with the exit code, in the main thread, between any two instructions.

        To be made before the terminal is put into raw mode: how it is now is how it is left.
        """
        self._leave = leave
        self._terminal = _read_terminal()
        self._before = {number: signal.getsignal(number) for number in _SIGNALS}

    def listen(self) -> None:
        """Take the signals over. Not through the event loop: that may be waiting for the terminal."""
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                signal.signal(number, self._handle)

    def stop(self) -> None:
        """Give the signals back."""
        if threading.current_thread() is threading.main_thread():
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        code = 128 + number
        watchdog = threading.Timer(PATIENCE_S, self._give_up, (code,))
        watchdog.daemon = True
        watchdog.start()
        self._leave(code)

    def _give_up(self, code: int) -> None:
        """Exit though the app could not be closed, and leave a terminal that can be typed in."""
        try:
            _restore_terminal(self._terminal)
        finally:
            os._exit(code)


def _read_terminal() -> list[Any] | None:
    try:
        return termios.tcgetattr(sys.__stdin__.fileno()) if sys.__stdin__ else None
    except (OSError, ValueError, termios.error):
        return None  # there is no terminal


def _restore_terminal(attributes: list[Any] | None) -> None:
    """Set ``attributes`` without waiting for what is not written yet, and say goodbye if it listens."""
    if attributes is None or sys.__stdin__ is None:
        return
    with contextlib.suppress(OSError, ValueError, termios.error):
        termios.tcsetattr(sys.__stdin__.fileno(), termios.TCSANOW, attributes)
    with contextlib.suppress(OSError):
        # Opened anew, since not to block would hold for everybody who shares the descriptor.
        terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        os.write(terminal, _PLAIN)
