"""Words are found as they are typed, whatever is typed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smallchat.sessions.search import match_expression
from smallchat.sessions.store import Store
from smallchat.sessions.summary import Match
from tests.sessions.conversations import FAST, answer_of, conversation


def matched(match: Match) -> list[str]:
    return [match.snippet[start:end] for start, end in match.spans]


def test_words_are_found_in_prompts_and_answers(store: Store) -> None:
    session = store.add(conversation("Rayleigh scattering", "Über Luft", prompt="Why is the sky blue?"))
    (prompt,) = store.search("sky")
    assert (prompt.session.id, prompt.turn, prompt.model, matched(prompt)) == (session, 1, None, ["sky"])
    (answer,) = store.search("SCATTERING rayleigh")
    assert (answer.model, matched(answer)) == ("fast", ["Rayleigh", "scattering"])
    assert matched(store.search("uber")[0]) == ["Über"]
    assert not store.search("sky scattering")


def test_a_session_is_found_by_the_title_it_was_given(store: Store) -> None:
    session = store.add(conversation("light", "light"))
    store.rename(session, "Heating 100% (landlord)")
    (match,) = store.search("LANDLORD heat")
    assert (match.session.id, match.turn, match.model) == (session, None, None)
    assert matched(match) == ["Heat", "landlord"]
    assert store.search("100%")
    assert not store.search("100% light")
    assert not store.search("1%0")
    store.rename(session, "Light")
    assert store.search("light")[0].turn == 1  # what was said says more
    store.delete(session)
    assert not store.search("heat")


@pytest.mark.parametrize("typed", ["s", "sc", "sca", "scattering", "rayleigh s"])
def test_the_last_word_may_be_half_typed(store: Store, typed: str) -> None:
    store.add(conversation("Rayleigh scattering", prompt="-"))
    assert matched(store.search(typed)[0])[-1] == "scattering"


def test_each_session_is_found_once_newest_first(store: Store) -> None:
    ids = [store.add(conversation("light", "light", "light", "light")) for _ in range(5)]
    assert [match.session.id for match in store.search("light")] == ids[::-1]
    assert len(store.search("light", limit=2)) == 2


def test_one_long_session_does_not_hide_the_others(store: Store) -> None:
    old = store.add(conversation("light"))
    long = store.create_session("chat", [FAST])
    turn = store.begin_turn(long, "light")
    for pane in range(500):
        store.settle(store.begin_answer(turn, "fast", "gateway", pane=pane), answer_of("fast", "light"))
    assert [match.session.id for match in store.search("light")] == [long, old]


def test_a_snippet_is_one_safe_line(store: Store) -> None:
    store.add(conversation("a\x1b[2J\n\nb \ue000 needle \ue001 c\r\nd"))
    (match,) = store.search("needle")
    assert matched(match) == ["needle"]
    assert "\x1b" not in match.snippet
    assert "\n" not in match.snippet


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.text(
        st.characters(exclude_categories=[]) | st.sampled_from('"*^():-+{}NEAR OR AND NOT'), max_size=30
    )
)
def test_nothing_typed_is_an_error(store: Store, words: str) -> None:
    for match in store.search(words):
        assert all(0 <= start < end <= len(match.snippet) for start, end in match.spans)


def test_a_pasted_page_is_cut() -> None:
    assert match_expression("word " * 1000).count("word") < 20
