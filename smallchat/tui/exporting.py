"""A session as a document, and the document as a file. Takes seconds: not for the screen's thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from smallchat.config.errors import ConfigError

if TYPE_CHECKING:
    from smallchat.sessions.session import Session
    from smallchat.tui.backend import Backend

Kind = Literal["markdown", "json"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What to export.

    Attributes:
        session: The session's id.
        kind: As what.
        turn: This turn alone; ``None`` for all.
    """

    session: str
    kind: Kind = "markdown"
    turn: int | None = None


def write_document(
    backend: Backend, wish: Wish, on_progress: Callable[[int, int], None]
) -> tuple[Session, str]:
    """Return the session and its document, the user's keys masked.

    Raises:
        ConfigError: There is no such session, or nothing in it.
    """
    from smallchat.sessions.files import export_session
    from smallchat.sessions.redaction import key_scrubber

    session = backend.store.load(wish.session)
    if wish.turn is not None:
        session = session.only_turn(wish.turn)
    if not session.turns:
        raise ConfigError("There is nothing to export yet.")
    scrub = key_scrubber(backend.services.settings, os.environ)
    return session, export_session(session, wish.kind, scrub=scrub, on_progress=on_progress)


def save_document(directory: Path, session: Session, wish: Wish, text: str) -> Path:
    """Write ``text`` to a file in ``directory`` that was not there before, and return its path.

    Raises:
        OSError: It can not be written.
    """
    from smallchat.sessions.files import file_name, save

    name = Path(file_name(session, wish.kind))
    stem = name.stem if wish.turn is None else f"{name.stem}-turn-{wish.turn}"
    for number in count(1):
        path = directory / f"{stem}{f'-{number}' if number > 1 else ''}{name.suffix}"
        try:
            save(path, text)
        except FileExistsError:
            continue
        break
    return path
