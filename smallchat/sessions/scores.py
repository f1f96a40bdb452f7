"""How the models did in blind votes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from smallchat.metering.answer import Answer
from smallchat.metering.ranking import Standing, share_interval, stand
from smallchat.sessions.session import Session, Turn


@dataclass(frozen=True, slots=True)
class Score:
    """One model's votes, and what its answers to those prompts cost and how fast they were.

    Attributes:
        model: Its name.
        votes: In how many votes it stood.
        wins: How often it was the best.
        ties: How often it tied with the others.
        all_bad: How often it was bad, as all were.
        standing: Cost and speed of its answers in those turns; ``None`` without any.
        valid: How many of its answers follow the JSON schema that was asked for.
        checked: How many were held against one.
    """

    model: str
    votes: int
    wins: int
    ties: int
    all_bad: int
    standing: Standing | None = None
    valid: int = 0
    checked: int = 0

    @property
    def win_rate(self) -> float:
        """Its wins in all votes in which it stood, 0 to 1."""
        return self.wins / self.votes

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the win rate."""
        return share_interval(self.wins, self.votes)


@dataclass(slots=True)
class _Tally:
    votes: int = 0
    wins: int = 0
    ties: int = 0
    all_bad: int = 0
    answers: list[Answer] = field(default_factory=list)


def count_votes(sessions: Iterable[Session]) -> list[Score]:
    """Return the score of each model that stood in a vote, the highest win rate first."""
    tallies: dict[str, _Tally] = {}
    for session in sessions:
        for turn in session.turns:
            for model, won in _places(turn):
                tally = tallies.setdefault(model, _Tally())
                tally.votes += 1
                tally.wins += won
                tally.ties += turn.vote is not None and turn.vote.verdict == "tie"
                tally.all_bad += turn.vote is not None and turn.vote.verdict == "all_bad"
            models = {model for model, _ in _places(turn)}
            for kept in turn.answers:
                if kept.answer.model in models:
                    tallies[kept.answer.model].answers.append(kept.answer)
    scores = [_score(model, tally) for model, tally in tallies.items()]
    return sorted(scores, key=lambda score: (-score.win_rate, -score.votes, score.model))


def _places(turn: Turn) -> Iterator[tuple[str, bool]]:
    """Yield who stood in the vote on ``turn``, and whether that answer was the best."""
    if turn.vote is not None:
        for place, model in enumerate(turn.vote.models):
            if model:
                yield model, place == turn.vote.place


def _score(model: str, tally: _Tally) -> Score:
    checks = [
        answer.schema.valid
        for answer in tally.answers
        if answer.schema is not None and answer.schema.valid is not None
    ]
    standings = stand(tally.answers)
    return Score(
        model=model,
        votes=tally.votes,
        wins=tally.wins,
        ties=tally.ties,
        all_bad=tally.all_bad,
        standing=standings[0] if standings else None,
        valid=sum(checks),
        checked=len(checks),
    )


def is_too_close(scores: list[Score]) -> bool:
    """Return whether the votes do not tell the first two apart: their intervals overlap."""
    return len(scores) > 1 and scores[0].interval[0] <= scores[1].interval[1]
