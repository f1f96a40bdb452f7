"""The answers of one pane to the same prompt, of which the conversation goes on with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smallchat.sessions.session import Session
    from smallchat.sessions.store import Store


def choose_next(store: Store, session: str, pane: int) -> tuple[Session, str] | None:
    """Go on with the answer that is next by age, after the newest with the oldest.

    Args:
        store: Where the session is kept.
        session: Its id.
        pane: The pane whose answers to the last prompt are meant.

    Returns:
        The session as it is now, and which answer it goes on with; ``None`` when there is only one.
    """
    last = store.load(session).turns[-1]
    chosen = next((kept for kept in last.answers if kept.pane == pane), None)
    answers = sorted((kept for kept in last.all_answers() if kept.pane == pane), key=lambda kept: kept.id)
    if chosen is None or len(answers) < 2:
        return None
    number = (answers.index(chosen) + 1) % len(answers)
    store.choose(answers[number].id)
    note = f"Answer {number + 1} of {len(answers)}; the conversation goes on with it."
    return store.load(session), note
