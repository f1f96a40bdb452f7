"""Another session, loaded in a thread and made ready for the panes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from smallchat.config.defaults import MOST_MODELS
from smallchat.config.errors import ConfigError
from smallchat.tui.latest import LatestOnly

if TYPE_CHECKING:
    from smallchat.catalog.catalog import Catalog
    from smallchat.catalog.model import Model
    from smallchat.sessions.session import Session, SessionModel
    from smallchat.sessions.store import Store
    from smallchat.tui.backend import Backend

Find = Callable[["Store"], str]


@dataclass
class OpenRequested(Message):
    """The user wants to go on with another session.

    Attributes:
        find: Gives the id of the session, perhaps a new one; called in a thread.
        draft: What to put into the composer.
        note: What to tell the user once it is open.
    """

    find: Find
    draft: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Resumed:
    """A session to go on with.

    Attributes:
        session: The session.
        models: The models of its panes; one that is not known here only has a name.
        places: The place of each of those panes among all that the session ever had.
        unknown: The names of those.
        draft: What to put into the composer.
        notes: What to tell the user.
        preset: The preset that chooses the model of the next answer; "" where none does.
    """

    session: Session
    models: tuple[Model, ...]
    places: tuple[int, ...] = ()
    unknown: tuple[str, ...] = ()
    draft: str = ""
    notes: tuple[str, ...] = ()
    preset: str = ""

    def without_preset(self, why: str) -> Resumed:
        """Return it as a chat with the model that answered last; ``why`` is told."""
        return replace(self, preset="", notes=(*self.notes, why))


@dataclass
class Opened(Message):
    """A session is loaded."""

    resumed: Resumed


@dataclass
class NotOpened(Message):
    """A session could not be opened."""

    error: Exception


class Opener:
    """Opens the session that was asked for last."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        """Post ``Opened`` or ``NotOpened`` with ``post``, from a thread."""
        self._post = post
        self._worker = LatestOnly("smallchat-opening")

    def open(self, backend: Backend, request: OpenRequested) -> None:
        """Open a session soon."""
        self._worker.do(lambda: self._post(self._open(backend, request)))

    def _open(self, backend: Backend, request: OpenRequested) -> Message:
        try:
            session = load_session(backend.store, request.find(backend.store))
            return Opened(prepare(session, backend.services.catalog, request.draft, request.note))
        except Exception as error:  # told by the app
            return NotOpened(error)


def load_session(store: Store, session: str) -> Session:
    """Return a session that nobody is still receiving answers for.

    Raises:
        ConfigError: There is no such session, or another terminal is at work on it.
    """
    loaded = store.load(session)
    if is_running(loaded):
        store.settle_abandoned()
        loaded = store.load(session)
    if is_running(loaded):
        raise ConfigError(
            f"Session {session} is being answered in another terminal: go on there, or wait until it is done."
        )
    return loaded


def is_running(session: Session) -> bool:
    """Return whether an answer of ``session`` still comes in somewhere."""
    return any(kept.running for turn in session.turns for kept in turn.all_answers())


def find_session(name: str) -> Find:
    """Return what finds the session ``name``: its id, the beginning of it, ``last``, or an exported file."""
    from smallchat.sessions.files import names_export, read_export

    def find(store: Store) -> str:
        if names_export(name):
            return store.add(read_export(Path(name)))
        return store.resolve(name)

    return find


def prepare(session: Session, catalog: Catalog, draft: str = "", note: str = "") -> Resumed:
    """Return ``session`` with the models of its panes.

    Raises:
        ConfigError: It names no model at all.
    """
    panes = _find_panes(session)
    if not panes:
        raise ConfigError("This session names no model: there is nothing to go on with.")
    notes = [note] if note else []
    if len(panes) > MOST_MODELS:
        notes.append(f"This session has had {len(panes)} panes; the last {MOST_MODELS} to answer are shown.")
        panes = _choose_latest(session, panes)
    known = {model.name: model for model in session.models}
    models, unknown = [], []
    for name in panes.values():
        model = _find_model(name, known.get(name), catalog)
        if model is None:
            unknown.append(name)
            model = _stand_in(name, known.get(name))
        models.append(model)
    if unknown:
        notes.append(
            f"Not known here: {', '.join(unknown)}. What was said is shown; [models] makes them known."
        )
    places = tuple(panes)
    return Resumed(session, tuple(models), places, tuple(unknown), draft, tuple(notes), _find_preset(session))


def _find_preset(session: Session) -> str:
    """Return the preset that decided last, in a routed session."""
    decisions = [turn.decision for turn in session.turns if turn.decision] if session.mode == "route" else []
    return str(decisions[-1].get("preset") or "") if decisions else ""


def _find_panes(session: Session) -> dict[int, str]:
    """Return the model of each pane, by its place; a routed session has one, of the model that spoke last."""
    from smallchat.sessions.seating import find_seated

    spoke = [kept.answer.model for turn in session.turns for kept in turn.answers]
    return {0: spoke[-1]} if session.mode == "route" and spoke else find_seated(session)


def _choose_latest(session: Session, panes: dict[int, str]) -> dict[int, str]:
    """Return as many of ``panes`` as can be shown: those that answered last."""
    spoke = {kept.pane: turn.number for turn in session.turns for kept in turn.answers}
    latest = sorted(panes, key=lambda place: -spoke.get(place, 0))[:MOST_MODELS]
    return {place: panes[place] for place in sorted(latest)}


def _find_model(name: str, kept: SessionModel | None, catalog: Catalog) -> Model | None:
    for candidate in (name, f"{kept.provider}/{kept.wire_id}" if kept else ""):
        try:
            return catalog.get(candidate)
        except ConfigError:
            continue
    return None


def _stand_in(name: str, kept: SessionModel | None) -> Model:
    """Return a model that can be shown. To ask it fails, in its pane alone, and says what is missing."""
    from smallchat.catalog.model import Model

    if kept is None:
        return Model(name, "unknown", name, label=name)
    return Model(name, kept.provider, kept.wire_id, label=name)
