"""A program in a pseudo-terminal: what it draws is read at once, what is typed is sent."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

KEPT = 100_000  # bytes
_ESCAPES = re.compile(rb"\x1b\[[^a-zA-Z]*[a-zA-Z]")


class Terminal:
    """Runs a program until the ``with`` block ends, which kills it if it still runs.

    Attributes:
        drawn_at: When the program last drew something, of ``perf_counter``.
        closed: Whether the program has ended.
    """

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], columns: int = 120, rows: int = 36
    ) -> None:
        """Start ``command``."""
        self.closed = False
        self._drawn = b""
        self.process, self._terminal = pty.fork()
        if self.process == 0:
            size = {"COLUMNS": str(columns), "LINES": str(rows)}
            terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.execve(command[0], command, {**environ, **size, **terminal})
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.drawn_at = time.perf_counter()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.closed:
            os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self._terminal)

    @property
    def text(self) -> str:
        """What was drawn last, without escape sequences."""
        return _ESCAPES.sub(b"", self._drawn).decode("utf-8", "replace")

    def write(self, keys: bytes) -> None:
        """Press ``keys``."""
        os.write(self._terminal, keys)

    def forget(self) -> None:
        """Forget what was drawn until now."""
        self._drawn = b""

    def read_until(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Read what is drawn until ``holds`` does, which is returned."""
        deadline = time.monotonic() + timeout
        while not holds():
            if self.closed or time.monotonic() >= deadline:
                return False
            if select.select([self._terminal], [], [], 0.02)[0]:
                self._read()
        return True

    def read_marks(self, marks: Sequence[str], timeout: float) -> None:
        """Read what is drawn until all of ``marks`` were.

        Raises:
            TimeoutError: Some of them were not.
        """

        def missing() -> list[str]:
            text = self.text
            return [mark for mark in marks if mark not in text]

        if not self.read_until(lambda: not missing(), timeout):
            raise TimeoutError(f"{missing()} not drawn, but:\n{self.text[-3000:]}")

    def settle(self, quiet_s: float, timeout: float) -> None:
        """Read what is drawn until nothing is for ``quiet_s``."""
        self.read_until(lambda: time.perf_counter() - self.drawn_at > quiet_s, timeout)

    def cpu_ms(self) -> float:
        """Return the time that the program's threads have had a processor."""
        spent = 0
        for task in Path(f"/proc/{self.process}/task").iterdir():
            spent += int((task / "schedstat").read_text().split()[0])
        return spent / 1e6

    def resident_mb(self) -> float:
        """Return how much of the program is in memory."""
        pages = int(Path(f"/proc/{self.process}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def _read(self) -> None:
        try:
            data = os.read(self._terminal, 65536)
        except OSError:
            data = b""
        self.closed = not data
        self.drawn_at = time.perf_counter()
        self._drawn = (self._drawn + data)[-KEPT:]
