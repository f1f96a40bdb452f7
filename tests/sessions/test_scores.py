"""Scores: every vote counts once for each model that stood in it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from smallchat.metering.answer import Validity
from smallchat.sessions.scores import count_votes, is_too_close
from smallchat.sessions.session import Session
from smallchat.sessions.vote import Vote
from tests.sessions.conversations import conversation, sessions


def voted(*votes: Vote | None) -> Session:
    session = conversation(*["text"] * (2 * len(votes)))
    turns = [replace(turn, vote=vote) for turn, vote in zip(session.turns, votes, strict=True)]
    return replace(session, turns=tuple(turns))


def test_wins_ties_and_bad_ones_are_counted() -> None:
    both = ("fast", "slow_2")
    votes = [
        Vote(both, "best", 0),
        Vote(both[::-1], "best", 1),
        Vote(both, "tie"),
        Vote(both, "all_bad"),
        None,
    ]
    first, second = count_votes([voted(*votes)])
    assert (first.model, first.votes, first.wins, first.ties, first.all_bad) == ("fast", 4, 2, 1, 1)
    assert (second.model, second.votes, second.wins) == ("slow_2", 4, 0)
    assert first.win_rate == 0.5
    assert first.standing is not None
    assert first.standing.answers == 4
    assert first.standing.usd is not None
    assert first.standing.usd.middle == Decimal("0.0011088")


def test_answers_that_could_not_be_checked_are_neither_valid_nor_not() -> None:
    session = voted(*[Vote(("fast", "slow_2"), "tie")] * 3)
    turns = []
    for turn, valid in zip(session.turns, (True, False, None), strict=True):
        answers = tuple(
            replace(kept, answer=replace(kept.answer, schema=Validity(valid))) for kept in turn.answers
        )
        turns.append(replace(turn, answers=answers))
    for score in count_votes([replace(session, turns=tuple(turns))]):
        assert (score.valid, score.checked) == (1, 2)


def test_a_few_votes_tell_nothing_and_many_do() -> None:
    vote = Vote(("fast", "slow_2"), "best", 0)
    assert is_too_close(count_votes([voted(vote)]))
    assert not is_too_close(count_votes([voted(*[vote] * 12)]))


@given(st.lists(sessions, max_size=3))
def test_any_votes_can_be_counted(found: list[Session]) -> None:
    votes = [turn.vote for session in found for turn in session.turns if turn.vote]
    scores = count_votes(found)
    assert sum(score.votes for score in scores) == sum(bool(model) for vote in votes for model in vote.models)
    assert sum(score.wins for score in scores) == sum(
        vote.place is not None and bool(vote.models[vote.place]) for vote in votes
    )
    assert [score.win_rate for score in scores] == sorted((s.win_rate for s in scores), reverse=True)
