"""The user's own editor: opened on a draft, the app suspended meanwhile."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from textual.app import App

USUAL = ("nano", "vim", "vi")


class EditorError(Exception):
    """The editor could not be used; the text says why."""


def find_editor(environ: Mapping[str, str]) -> list[str]:
    """Return the command of the user's editor; where none is set, the first usual one that is here.

    Raises:
        EditorError: There is none, or its setting can not be understood.
    """
    for name in ("VISUAL", "EDITOR"):
        if setting := environ.get(name, "").strip():
            try:
                return shlex.split(setting)
            except ValueError as error:
                raise EditorError(f"{name} can not be understood: {error}.") from None
    for name in USUAL:
        if found := shutil.which(name, path=environ.get("PATH")):
            return [found]
    raise EditorError("No editor is set: set EDITOR, as in  export EDITOR=nano")


def edit(app: App[Any], draft: str, environ: Mapping[str, str] = os.environ) -> str:
    """Open ``draft`` in the user's editor and return what became of it.

    Raises:
        EditorError: It could not be opened, or ended with an error.
    """
    from textual.app import SuspendNotSupported

    command = find_editor(environ)
    name = safe_line(Path(command[0]).name, 80)
    try:
        with tempfile.TemporaryDirectory(prefix="smallchat-") as directory:  # 0700
            path = Path(directory) / "prompt.md"
            path.write_text(draft, encoding="utf-8", errors="replace")
            with app.suspend(), _deaf_to_interrupts():
                code = subprocess.run([*command, str(path)], check=False).returncode
            if code:
                raise EditorError(f"{name} ended with code {code}. Your draft is as it was.")
            return path.read_text(encoding="utf-8").removesuffix("\n")
    except SuspendNotSupported:
        raise EditorError("This terminal can not be handed to an editor.") from None
    except UnicodeDecodeError:
        raise EditorError(f"{name} did not save UTF-8 text. Your draft is as it was.") from None
    except OSError as error:
        raise EditorError(f"{name}: {error.strerror or error}. Your draft is as it was.") from None
    finally:
        app.refresh(layout=True)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Leave Ctrl+C to the editor. Ignored outright, it would be ignored there too."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
