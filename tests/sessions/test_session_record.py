"""JSON exports: safe to print, fit to be given away, and nobody's JSON is misread."""

from __future__ import annotations

import functools
import json
import operator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.safe_text import safe_text
from smallchat.sessions.files import export_session
from smallchat.sessions.privacy import hide_directories
from smallchat.sessions.record import (
    BadExport,
    json_parts,
    read_session,
    session_record,
)
from smallchat.sessions.session import Session
from tests.sessions.conversations import conversation, sessions, texts


def write_json(record: Any) -> str:
    return "".join(json_parts(record))


@given(sessions)
def test_any_session_comes_back(session: Session) -> None:
    text = write_json(session_record(session))
    assert write_json(session_record(read_session(json.loads(text)))) == text
    assert json.loads(text) == session_record(session)
    assert safe_text(text) == text


def test_parts_are_laid_out_as_one_whole() -> None:
    for session in (conversation(), conversation("one", "two"), conversation("one", "two", "three", "four")):
        record = session_record(session)
        assert write_json(record) == json.dumps(record, indent=2) + "\n"


@pytest.mark.parametrize("kind", ["markdown", "json"])
def test_progress_is_told_turn_by_turn(kind: Any) -> None:
    told: list[tuple[int, int]] = []
    export_session(
        conversation(*"abcdefgh"), kind, on_progress=lambda done, whole: told.append((done, whole))
    )
    assert told == sorted(told)
    assert [done for done, _ in told][-1] == 4
    assert {done for done, _ in told} == {0, 1, 2, 3, 4}
    assert {whole for _, whole in told} == {4}


def deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(["session", "turns", "id", "models"]) | texts
    return st.lists(inner) | st.dictionaries(keys, inner)


@given(st.recursive(texts | st.none() | st.integers() | st.floats(), deeper))
def test_any_json_is_read_or_refused(record: Any) -> None:
    with pytest.raises(BadExport):
        read_session(record)


@given(st.data())
def test_a_changed_record_is_read_or_refused(data: st.DataObject) -> None:
    record = session_record(conversation("one", "two"))
    place: Any = record
    while True:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(list(keys)))
        if not (isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans())):
            break
        place = place[key]
    place[key] = data.draw(
        st.sampled_from([None, "x", -1, 1.5, True, [], {}, [1], {"x": 1}, "1e999", "nan", 10**400])
    )
    try:
        session = read_session(record)
    except BadExport:
        return
    json.loads(write_json(session_record(session)))


NESTED = functools.reduce(lambda inner, _: [inner], range(200), 0)  # type: ignore[var-annotated]


@pytest.mark.parametrize(
    ("place", "odd"),
    [
        (("session", "created"), "0001-01-01T00:00:00+14:00"),
        (("session", "origin"), {"session": "x", "turn": float("inf"), "model": None}),
        (("turns", 0, "answers", 0, "ttft_ms"), 10**400),
        (("turns", 0, "answers", 0, "params"), {"stop": NESTED}),
        (("turns", 0, "decision"), {"rule": NESTED}),
    ],
    ids=["time", "turn", "figure", "parameters", "decision"],
)
def test_what_nobody_could_keep_or_write_out_is_refused(place: tuple[Any, ...], odd: Any) -> None:
    record = session_record(conversation("one", "two"))
    *above, last = place
    functools.reduce(operator.getitem, above, record)[last] = odd  # type: ignore[arg-type]
    with pytest.raises(BadExport):
        read_session(record)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no /opt/models/a.gguf there", "no …/a.gguf there"),
        ("see https://example.org/a/b/c", "see https://example.org/a/b/c"),
        ("~/models/a.gguf", "…/a.gguf"),
        (r"C:\Users\Ada\a.gguf", "…/a.gguf"),
        ("'/home/Ada Lovelace/models/a.gguf'", "'…/a.gguf'"),
        ("and/or 1/2 text/plain", "and/or 1/2 text/plain"),
    ],
)
def test_paths_lose_their_directories(text: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/Ada Lovelace")
    assert hide_directories(text) == shown
    assert hide_directories(shown) == shown
