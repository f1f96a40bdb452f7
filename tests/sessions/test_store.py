"""What was said is kept, and comes back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from smallchat.metering.answer import Answer
from smallchat.metering.cost import usd_text
from smallchat.sessions.archive import UnknownSession
from smallchat.sessions.record import session_record
from smallchat.sessions.session import AnswerId, Origin, Session, TurnId, title_of
from smallchat.sessions.store import Store
from tests.sessions.conversations import FAST, SLOW, answer_of, conversation, sessions


def ask(store: Store, session: str, prompt: str, *texts: str) -> tuple[TurnId, list[AnswerId]]:
    """Send a prompt that ``fast`` and ``slow_2`` answer."""
    turn = store.begin_turn(session, prompt)
    ids = []
    for pane, (model, text) in enumerate(zip(("fast", "slow_2"), texts, strict=False)):
        ids.append(
            store.begin_answer(turn, model, "gateway", pane=pane, system="Be brief.", params={"t": 0.2})
        )
        store.settle(ids[-1], answer_of(model, text))
    return turn, ids


def compare(store: Store, *prompts: str) -> str:
    session = store.create_session("compare", [FAST, SLOW])
    for prompt in prompts:
        ask(store, session, prompt, f"{prompt} fast", f"{prompt} slow")
    return session


def texts_of(session: Session) -> list[list[str]]:
    return [[kept.answer.text for kept in turn.answers] for turn in session.turns]


def test_a_conversation_comes_back(store: Store) -> None:
    session = store.create_session("compare", [FAST, SLOW])
    turn = store.begin_turn(session, "Why?", decision={"rule": "writing"})
    store.update_turn(turn, budget={"reserved_usd": "0.02"})
    answer_id = store.begin_answer(
        turn, "fast", "gateway", pane=1, system="Be brief.", params={"temperature": 0.2}
    )
    answer = replace(answer_of("fast", "Because"), reasoning="hm", notes=("left temperature out",))
    store.settle(answer_id, answer)
    session = store.load(session)
    assert (session.title, session.mode, session.models) == ("Why?", "compare", (FAST, SLOW))
    (found,) = session.turns
    assert (found.prompt, found.number, found.id) == ("Why?", 1, turn)
    assert (found.decision, found.budget) == ({"rule": "writing"}, {"reserved_usd": "0.02"})
    (kept,) = found.answers
    assert kept.answer == answer
    assert (kept.system, kept.params, kept.pane, kept.running) == (
        "Be brief.",
        {"temperature": 0.2},
        1,
        False,
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sessions)
def test_any_session_can_be_kept(store: Store, session: Session) -> None:
    kept = store.load(store.add(session))
    surrogates = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")

    def told(session: Session) -> list[list[tuple[str, str]]]:
        turns = [[kept.answer for kept in turn.all_answers()] for turn in session.turns]
        return [
            sorted((answer.text.translate(surrogates), answer.status) for answer in turn) for turn in turns
        ]

    assert told(kept) == told(session)
    assert session_record(kept)["session"]["totals"] == session_record(session)["session"]["totals"]


def test_a_copy_says_what_the_original_said(store: Store) -> None:
    session = conversation("one", "two", "three", "four")
    kept = store.load(store.add(session))
    ours, theirs = session_record(kept), session_record(session)
    assert ours["turns"] == theirs["turns"]
    assert ours["session"]["totals"] == theirs["session"]["totals"]
    assert kept.id != session.id


def test_the_newest_comes_first_with_its_cost(store: Store) -> None:
    ids = [compare(store, f"prompt {number}", "again") for number in range(3)]
    found = store.list()
    assert [summary.id for summary in found] == ids[::-1]
    assert {(summary.turns, usd_text(summary.total.usd)) for summary in found} == {(2, "0.0044352")}
    assert found[0].models == ("fast", "slow_2")
    assert [summary.id for summary in store.list(limit=1, offset=1)] == [ids[1]]


def test_costs_add_up_exactly(store: Store) -> None:
    session = store.create_session("chat", [FAST])
    turn = store.begin_turn(session, "x")
    for pane in range(30):
        settled = answer_of("fast", "x", usd="0.1")
        store.settle(store.begin_answer(turn, "fast", "gateway", pane=pane), settled)
    assert store.list()[0].total.usd == 3
    assert store.load(session).total().exact == Decimal(3)


def misread(session: str) -> str:
    return session.upper().replace("0", "O").replace("1", "l")


def test_an_id_may_be_shortened_and_misread(store: Store) -> None:
    session = compare(store, "x")
    assert (
        store.resolve(session[:4])
        == store.resolve(session.upper().replace("0", "O").replace("1", "l"))
        == session
    )
    for name in ("", "zzzzzzzzzzz", "%", "_", "\ud800", "'; DROP TABLE sessions"):
        with pytest.raises(UnknownSession):
            store.resolve(name)


def test_a_beginning_of_several_ids_is_refused(store: Store) -> None:
    ids = [compare(store) for _ in range(33)]  # of 32 letters two ids share the first
    shared = next(session for session in ids if sum(other[0] == session[0] for other in ids) > 1)
    with pytest.raises(UnknownSession, match="several"):
        store.resolve(shared[0])


def test_sessions_are_listed_by_use_too(store: Store) -> None:
    first, second, third = (compare(store, name) for name in "abc")
    ask(store, first, "again", "text")
    assert [summary.id for summary in store.list(by_use=True)] == [first, third, second]
    assert [summary.id for summary in store.list(1, 1, by_use=True)] == [third]
    assert [summary.id for summary in store.list()] == [third, second, first]


def test_the_last_session_is_the_one_used_last(store: Store) -> None:
    with pytest.raises(UnknownSession, match="no session yet"):
        store.resolve("last")
    first, second = compare(store, "a"), compare(store, "b")
    assert store.resolve("last") == second
    ask(store, first, "again", "text")
    assert store.resolve("last") == first


def test_a_deletion_can_be_taken_back(store: Store) -> None:
    session = compare(store, "findable")
    store.delete(session)
    assert not store.list()
    assert not store.search("findable")
    with pytest.raises(UnknownSession):
        store.resolve(session)
    store.undelete(store.resolve(session[:5], deleted=True))
    assert [summary.id for summary in store.list()] == [session]
    assert store.search("findable")


def test_a_title_can_be_changed(store: Store) -> None:
    session = compare(store, "x")
    store.rename(session, "Sky\x1b[2J\nand light")
    assert store.load(session).title == "Sky␛[2J and light"


def test_one_pane_goes_on_alone(store: Store) -> None:
    whole = compare(store, "a", "b")
    alone = store.load(store.promote(whole, 1))
    assert texts_of(alone) == [["a slow"], ["b slow"]]
    assert (alone.mode, alone.models, alone.origin) == ("chat", (SLOW,), Origin(whole, 2, "slow_2"))
    assert alone.turns[0].answers[0].pane == 0
    assert texts_of(store.load(whole)) == [["a fast", "a slow"], ["b fast", "b slow"]]
    with pytest.raises(UnknownSession):
        store.promote(whole, 2)


def test_a_session_may_go_on_with_other_models(store: Store) -> None:
    session = compare(store, "a")
    store.set_models(session, [SLOW])
    assert store.load(session).models == (SLOW,)
    assert store.list()[0].models == ("slow_2",)


def test_a_branch_leaves_later_turns_behind(store: Store) -> None:
    whole = compare(store, "a", "b", "c")
    branch = store.branch(whole, 1)
    ask(store, branch, "b, said better", "new")
    assert [turn.prompt for turn in store.load(branch).turns] == ["a", "b, said better"]
    assert store.load(branch).origin == Origin(whole, 1)
    assert not store.load(store.branch(whole, 0)).turns
    assert len(store.load(whole).turns) == 3


def test_an_answer_asked_for_again_is_an_alternative(store: Store) -> None:
    session = store.create_session("compare", [FAST, SLOW])
    turn, (first, _) = ask(store, session, "x", "one", "other")
    again = store.begin_answer(turn, "fast", "gateway", pane=0)
    store.settle(again, answer_of("fast", "two"))
    loaded = store.load(session)
    assert texts_of(loaded) == [["two", "other"]]
    assert [kept.answer.text for kept in loaded.turns[0].alternatives] == ["one"]
    store.choose(first)
    assert texts_of(store.load(session)) == [["one", "other"]]
    assert store.list()[0].total.usd == Decimal("0.0033264")


def test_text_comes_back_while_it_streams(store: Store) -> None:
    session = store.create_session("chat", [FAST])
    turn = store.begin_turn(session, "x")
    answer = store.begin_answer(turn, "fast", "gateway")
    store.append(answer, "text", "Be")
    store.append(answer, "reasoning", "hm")
    store.append(answer, "text", "cause")
    store.update_turn(turn)  # what is submitted takes along what waits
    (kept,) = store.load(session).turns[0].answers
    assert kept.running
    assert (kept.answer.status, kept.answer.text, kept.answer.reasoning) == ("cut", "Because", "hm")


def test_a_session_from_a_file_may_be_of_any_time(store: Store) -> None:
    old = replace(conversation("one").turns[0], created=datetime(1, 1, 2, tzinfo=UTC))
    compare(store, "two")
    session = store.add(replace(conversation("one"), turns=(old,)))
    assert store.load(session).turns[0].created == old.created
    assert len(store.list()) == 2


def test_what_can_not_be_written_costs_nothing_else(store: Store) -> None:
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    session = store.create_session("compare", [FAST, SLOW])
    store.begin_turn(session, "one", {"rule": nested})
    store.begin_turn(session, "two")
    assert [turn.prompt for turn in store.load(session).turns] == ["two"]


def test_words_after_the_end_are_ignored(store: Store) -> None:
    session = store.create_session("chat", [FAST])
    answer = store.begin_answer(store.begin_turn(session, "x"), "fast", "gateway")
    store.append(answer, "text", "early")
    store.settle(answer, answer_of("fast", "all"))
    store.append(answer, "text", "late")
    store.settle(answer, Answer("fast", "gateway", "error"))
    assert texts_of(store.load(session)) == [["all"]]


def test_two_terminals_work_at_once(tmp_path: Path, store: Store) -> None:
    other = Store.open(tmp_path / "data", pytest.fail)
    try:
        mine, theirs = compare(store, "mine"), compare(other, "theirs")
        assert store.flush()
        assert other.flush()
        assert {summary.id for summary in store.list()} == {mine, theirs} == {s.id for s in other.list()}
        ask(other, mine, "added by the other", "text")
        ask(store, mine, "added by me", "text")
        assert other.flush()
        assert [turn.number for turn in store.load(mine).turns] == [1, 2, 3]
    finally:
        other.close()


def test_a_live_answer_of_another_terminal_is_left_alone(tmp_path: Path, store: Store) -> None:
    session = store.create_session("chat", [FAST])
    answer = store.begin_answer(store.begin_turn(session, "x"), "fast", "gateway")
    store.append(answer, "text", "go")
    store.flush()
    other = Store.open(tmp_path / "data", pytest.fail)
    try:
        assert other.load(session).turns[0].answers[0].running
    finally:
        other.close()
    store.settle(answer, answer_of("fast", "gone"))
    assert texts_of(store.load(session)) == [["gone"]]


def test_an_answer_of_a_terminal_that_died_meanwhile_can_be_settled(tmp_path: Path, store: Store) -> None:
    other = Store.open(tmp_path / "data", pytest.fail)
    try:
        session = other.create_session("chat", [FAST])
        other.append(other.begin_answer(other.begin_turn(session, "x"), "fast", "gateway"), "text", "go")
        assert other.flush()  # the session is there; its text follows
        while not store.load(session).turns or not store.load(session).turns[0].answers[0].answer.text:
            other.flush()
        store.settle_abandoned()
        assert store.load(session).turns[0].answers[0].running  # it is alive
        assert other._journal._lease is not None
        other._journal._lease.end()
        other._journal._lease = None
        store.settle_abandoned()
        (kept,) = store.load(session).turns[0].answers
        assert (kept.running, kept.answer.status, kept.answer.text) == (False, "cut", "go")
    finally:
        other.close()


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("", "Untitled"),
        ("\n\n  Draft an email\nto Bob", "Draft an email"),
        ("word " * 100, "word " * 10 + "word…"),
        ("x" * 100, "x" * 59 + "…"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
    ],
)
def test_titles(prompt: str, title: str) -> None:
    assert title_of(prompt) == title
