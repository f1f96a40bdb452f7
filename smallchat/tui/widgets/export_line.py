"""Exports in a thread; shows how far it is, and tells how it ended."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import App
from textual.content import Content
from textual.message import Message

from smallchat.config.errors import ConfigError, reason
from smallchat.safe_text import safe_line, safe_text
from smallchat.tui.exporting import Wish, save_document, write_document
from smallchat.tui.widgets.lines import Line, draw_progress

if TYPE_CHECKING:
    from smallchat.tui.backend import Backend

MOST_COPIED = 1_000_000  # characters; terminals drop a clipboard that is longer, many a shorter one
_SURELY_COPIED = 70_000
_TELL_EVERY_S = 0.1
_WORDS = 32  # cells beside the bar


class ExportLine(Line):
    """A line that is there only while a long export runs."""

    DEFAULT_CSS = """
    ExportLine { display: none; }
    """

    @dataclass
    class Progress(Message):
        """So many turns of all of them are written."""

        done: int
        total: int

    @dataclass
    class Ended(Message):
        """The export has ended; ``text`` is the document when it was to be copied."""

        told: str
        failed: bool = False
        text: str | None = None

    def __init__(self) -> None:
        super().__init__(id="export-line")
        self._busy = False

    def save(self, backend: Backend, wish: Wish) -> None:
        """Save what is wished in the current directory, under a name that is free."""
        self._start(backend, wish, copying=False)

    def copy(self, backend: Backend, wish: Wish) -> None:
        """Copy what is wished to the terminal's clipboard."""
        self._start(backend, wish, copying=True)

    def _start(self, backend: Backend, wish: Wish, *, copying: bool) -> None:
        if self._busy:
            self.notify("The export before is still being written.")
        else:
            self._busy = True
            job = (self.app, backend, wish, copying)
            threading.Thread(target=self._run, args=job, name="smallchat-export", daemon=True).start()

    def _run(self, app: App[Any], backend: Backend, wish: Wish, copying: bool) -> None:
        try:
            ended = self._export(backend, wish, copying)
        except ConfigError as error:
            ended = self.Ended(str(error), failed=True)
        except OSError as error:
            ended = self.Ended(f"Not saved in {Path.cwd()}: {reason(error)}", failed=True)
        except Exception as error:  # the thread has nobody above it
            ended = self.Ended(f"Not exported: unexpected {type(error).__name__}.", failed=True)
        if not self.post_message(ended):  # its screen was left
            with suppress(Exception):  # and the app perhaps, too
                app.call_from_thread(_tell, app, ended)

    def _export(self, backend: Backend, wish: Wish, copying: bool) -> Ended:
        told = time.monotonic()

        def tell(done: int, total: int) -> None:
            nonlocal told
            if time.monotonic() - told > _TELL_EVERY_S:
                told = time.monotonic()
                self.post_message(self.Progress(done, total))

        session, text = write_document(backend, wish, tell)
        if not copying:
            path = save_document(Path.cwd(), session, wish, text)
            return self.Ended(f"Saved {path.name} in {Path.cwd()}")
        if len(text) > MOST_COPIED:
            return self.Ended(
                f"{len(text):,} characters are too many for a clipboard: save it instead.", True
            )
        doubt = "" if len(text) < _SURELY_COPIED else " Some terminals take less: look before you rely on it."
        return self.Ended(f"Copied as {wish.kind}: {len(text):,} characters.{doubt}", text=text)

    @on(Progress)
    def _show_progress(self, message: Progress) -> None:
        message.stop()
        self.display = True
        width = max(10, self.screen.size.width - _WORDS)
        bar = draw_progress(message.done / max(1, message.total), width)
        self.say(Content.assemble(bar, (f" {message.done:,} of {message.total:,} turns", "$quiet")))

    @on(Ended)
    def _tell(self, message: Ended) -> None:
        message.stop()
        self._busy = self.display = False
        _tell(self.app, message)


def _tell(app: App[Any], ended: ExportLine.Ended) -> None:
    if ended.text is not None:
        app.copy_to_clipboard(safe_text(ended.text))
    app.notify(safe_line(ended.told, 400), severity="warning" if ended.failed else "information")
