"""Exports as files: written whole or not at all, and read back whatever their kind."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from smallchat.config.errors import ConfigError, reason
from smallchat.safe_text import safe_line
from smallchat.sessions.markdown import markdown_parts
from smallchat.sessions.markdown_reading import read_markdown
from smallchat.sessions.record import BadExport, Edit, json_parts, read_session, session_record
from smallchat.sessions.session import Session

Format = Literal["markdown", "json"]

SUFFIXES: dict[str, Format] = {".md": "markdown", ".markdown": "markdown", ".json": "json"}
MOST_BYTES = 512 * 1024 * 1024


def export_session(
    session: Session,
    kind: Format,
    *,
    scrub: Edit | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> str:
    """Return ``session`` as a document.

    Args:
        session: What to export; ``session.only_turn(n)`` for one turn.
        kind: The kind of document.
        scrub: Takes keys out of a text.
        on_progress: Is told the turns done and the turns there are, for a progress bar.
    """
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if on_progress is not None:
            on_progress(min(steps // 2, len(session.turns)), len(session.turns))  # each is read, then written

    record = session_record(session, scrub, on_turn=step)
    parts = []
    for part in json_parts(record) if kind == "json" else markdown_parts(record):
        parts.append(part)
        step()
    return "".join(parts)


def names_export(name: str) -> bool:
    """Return whether ``name``, given instead of a session's id, is that of an exported file."""
    return Path(name).suffix.lower() in SUFFIXES


def read_export(path: Path) -> Session:
    """Return the session in the exported file at ``path``.

    Raises:
        ConfigError: The file can not be read, or is no export; the message says where.
    """
    shown = safe_line(str(path))
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigError(f"{shown} is too large for an export of smallchat.")
        text = path.read_bytes().decode("utf-8-sig")
        return read_session(json.loads(text) if text.lstrip()[:1] == "{" else read_markdown(text))
    except OSError as error:
        raise ConfigError(f"{shown}: {reason(error)}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{shown} is not UTF-8 text, at byte {error.start}: no export of smallchat."
        ) from None
    except BadExport as error:
        raise ConfigError(
            f"{shown} is no export of smallchat, or was changed: {safe_line(str(error))}"
        ) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{shown} is not JSON: {safe_line(str(error))}") from None


def save(path: Path, text: str, *, replace: bool = False) -> None:
    """Write ``text`` to ``path``, whole or not at all.

    Raises:
        FileExistsError: There is such a file, and it is not to be replaced.
        OSError: It can not be written.
    """
    if not replace and path.exists():
        raise FileExistsError(f"{path} exists")
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    except OSError as error:  # which names the temporary file, of which the user knows nothing
        raise OSError(error.errno, error.strerror, str(path)) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        if not replace and _link(temporary, path):
            Path(temporary).unlink()
        else:
            Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def file_name(session: Session, kind: Format) -> str:
    """Return a name for the exported file, such as ``draft-an-email-k3x97fq2ab.md``."""
    words = "".join(char if char.isalnum() else " " for char in session.title.lower()).split()
    suffix = next(suffix for suffix, of in SUFFIXES.items() if of == kind)
    return "-".join([*words[:6], session.id])[:80] + suffix


def _link(temporary: str, path: Path) -> bool:
    """Name the file, never in another one's place; return whether the file system can do that."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        return False
    return True


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
