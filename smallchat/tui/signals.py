"""Leaving when the system says so, also when the terminal no longer reads and a write is stuck."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

PATIENCE_S = 5.0
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class Leaving:
    """Handles SIGTERM and SIGHUP while the app runs. Our children end with their parent, however it ends."""

    def __init__(self, leave: Callable[[int], object]) -> None:
        """Have ``leave`` called with the exit code, in the main thread, between any two instructions."""
        self._leave = leave
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
        watchdog = threading.Timer(PATIENCE_S, os._exit, (code,))
        watchdog.daemon = True
        watchdog.start()
        self._leave(code)
