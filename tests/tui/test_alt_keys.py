"""Keys with Alt, as most terminals send them."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase, digits
from typing import cast

import pytest
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.message import Message

from smallchat.tui.alt_keys import hear_alt_at_once


@pytest.fixture(autouse=True)
def alt() -> Iterator[None]:
    """Alt heard at once, and afterwards what Textual knew before."""
    known = cast("dict[str, object]", ANSI_SEQUENCES_KEYS)
    before = dict(known)
    hear_alt_at_once()
    yield
    known.clear()
    known.update(before)


def names_of(messages: list[Message]) -> list[str]:
    return [message.key for message in messages if isinstance(message, events.Key)]


@pytest.mark.parametrize("key", ["m", "s", "1"])
def test_alt_and_a_character_is_heard_without_waiting_for_more(key: str) -> None:
    assert names_of(list(XTermParser().feed(f"\x1b{key}"))) == [f"alt+{key}"]


def test_it_writes_nothing_where_it_is_bound_to_nothing() -> None:
    (event,) = XTermParser().feed("\x1bn")
    assert isinstance(event, events.Key)
    assert not event.is_printable


@pytest.mark.parametrize(
    ("sent", "names"),
    [("\x1bOP", ["f1"]), ("\x1b[A", ["up"]), ("\x1b[1;3A", ["alt+up"]), ("\x1b[24~x", ["f12", "x"])],
)
def test_longer_sequences_are_what_they_were(sent: str, names: list[str]) -> None:
    assert names_of(list(XTermParser().feed(sent))) == names


def test_no_longer_sequence_begins_with_one_of_them() -> None:
    ours = {f"\x1b{character}" for character in ascii_lowercase + digits}
    assert ours <= set(ANSI_SEQUENCES_KEYS)
    longer = set(ANSI_SEQUENCES_KEYS) - ours
    assert not [name for name in longer if name[:2] in ours]
