"""What routing chose for one prompt, and what can be sent because of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smallchat.engine.order import Lane, Order
from smallchat.engine.scene import NOTHING, Said
from smallchat.metering.answer import Answer, Cost
from smallchat.metering.cost import usd_text
from smallchat.metering.record_reading import Reader
from smallchat.routing.decision import Decision
from smallchat.routing.limits import Situation
from smallchat.routing.meanings import TASKS, Task
from smallchat.routing.record import decision_record
from smallchat.safe_text import safe_line
from smallchat.sessions.costs import consulted_cost

if TYPE_CHECKING:
    from smallchat.metering.events import FailureKind

_MOST_MS = 1e9  # in files of others anything may stand

PASSED_ON: frozenset[FailureKind] = frozenset(
    ("connection", "timeout", "tls", "overloaded", "rate_limit", "server")
)
"""Failures of a provider that is unreachable or overloaded; the others are the user's to mend."""


@dataclass(frozen=True, slots=True)
class Consulted:
    """What came of asking a model which task a prompt sets.

    Attributes:
        model: Who was asked.
        task: The task it named; ``None`` when it named none, or could not be asked.
        ms: How long that took, in milliseconds.
        cost: What it cost; ``None`` when nothing was sent.
        trouble: Why there is no task; empty when there is one.
    """

    model: str
    task: Task | None
    ms: float = 0.0
    cost: Cost | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The decision on one prompt, with everything needed to act on it, or only to tell of it.

    Attributes:
        typed: The prompt as the user wrote it.
        prompt: The prompt to send: without its pin.
        decision: Who answers, and why.
        lanes: What each candidate would be asked, by its name; nothing, when it is only to be told of.
        situation: What the decision depended on; ``None`` when that is over.
        said: What was said before.
        history_usd: US dollars that the chosen model takes to read the turns before anew, since another one
            answered them; ``None`` when it need not, or has no price.
        consulted: What the second stage said, if it was asked.
    """

    typed: str
    prompt: str
    decision: Decision
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    situation: Situation | None = None
    said: Said = NOTHING
    history_usd: Decimal | None = None
    consulted: Consulted | None = None

    @property
    def obstacle(self) -> str:
        """Why nothing can be sent, as a sentence; empty when something can."""
        if not self.prompt.strip():
            return f"There is no prompt behind {safe_line(self.typed.strip(), 200)}."
        why = self.decision.why
        return f"{why[0].upper()}{why[1:]}." if self.decision.model is None else ""

    def order(self, model: str, session: str = "", *, force: bool = False) -> Order:
        """Return what asks the candidate ``model``."""
        return Order((self.lanes[model],), session=session, force=force)

    def next_after(self, asked: Collection[str]) -> str | None:
        """Return who answers when all of ``asked`` could not; ``None`` when nobody is left."""
        return next((name for name in self.decision.then if name not in asked), None)

    def settled(self, answer: Answer) -> Choice:
        """Return the choice with the name of who gave ``answer``, if it is the first that is no failure."""
        if self.decision.answered_by is not None or (answer.status == "error" and not answer.text):
            return self
        return replace(self, decision=self.decision.answered(answer.model))

    def to_tell(self) -> Choice:
        """Return the choice without the conversation, which may be long: to be told of, not acted on."""
        return replace(self, lanes={}, situation=None, said=NOTHING)

    def record(self) -> dict[str, Any]:
        """Return the decision ready for ``json.dumps``, and what the second stage said if it was asked."""
        record = decision_record(self.decision)
        if self.consulted is not None:
            record["second_stage"] = _consulted_record(self.consulted)
        return record


def is_passed_on(answer: Answer) -> bool:
    """Return whether another model should answer instead: this one was out of reach, and said nothing."""
    nothing = not answer.figures.payload_events and not answer.text
    failed = answer.status == "error" and answer.error is not None
    return failed and nothing and answer.error is not None and answer.error.kind in PASSED_ON


def describe_passing_on(choice: Choice, answer: Answer, name: str) -> str:
    """Return the note that ``name`` is asked since ``answer`` failed; why it did has been told."""
    failed, instead = choice.decision.label(answer.model), choice.decision.label(name)
    return safe_line(f"{failed} did not answer: {instead} is asked instead.", 400)


def _consulted_record(consulted: Consulted) -> dict[str, Any]:
    usd = consulted.cost.usd if consulted.cost else None
    return {
        "model": consulted.model,
        "task": consulted.task,
        "ms": round(consulted.ms, 1),
        "usd": usd_text(usd) if usd is not None else None,
        "state": consulted.cost.state if consulted.cost else None,
        "trouble": consulted.trouble or None,
    }


def consulted_from_record(record: Mapping[str, Any]) -> Consulted | None:
    """Return what the second stage said, from the record of a choice; ``None`` when it was not asked.

    Raises:
        RecordError: The record may come from a file of somebody else, and this one is none.
    """
    reader = Reader(record, "decision").section("second_stage")
    if reader is None:
        return None
    task = reader.find_word("task", TASKS)
    trouble, ms = reader.find("trouble", str) or "", min(reader.number("ms") or 0.0, _MOST_MS)
    return Consulted(reader.take("model", str), task, ms, consulted_cost(record), trouble)
