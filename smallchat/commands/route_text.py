"""What ``smallchat route`` prints for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from smallchat.engine.choice_wording import choice_line
from smallchat.metering.cost import format_usd
from smallchat.routing.facts import Match
from smallchat.routing.wording import UNPRICED, describe_cost, describe_facts
from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from smallchat.engine.choice import Choice
    from smallchat.routing.decision import Decision

_AROUND = 24  # characters of the prompt on either side of a match
_MOST_MATCHES = 12


def explain_lines(choice: Choice) -> Iterator[str]:
    """Return the whole decision, for people."""
    decision = choice.decision
    yield choice_line(choice)
    yield ""
    yield f"preset   {safe_line(decision.preset, 60)}"
    yield f"rule     {safe_line(_rule_text(decision), 500)}"
    if decision.tried:
        yield f"tried    {safe_line(', '.join(decision.tried), 400)}"
    for i, (name, value) in enumerate(describe_facts(decision.facts)):
        yield f"{'facts' if not i else '':8} {name}: {safe_line(value)}"
    for i, match in enumerate(decision.facts.matched[:_MOST_MATCHES]):
        yield f"{'matched' if not i else '':8} {match.fact}: {mark_match(choice.prompt, match)}"
    for i, (name, cost) in enumerate(decision.costs.items()):
        yield f"{'costs' if not i else '':8} {safe_line(decision.label(name), 60)}: {describe_cost(cost)}"
    for i, dropped in enumerate(decision.dropped):
        label = safe_line(decision.label(dropped.model), 60)
        yield f"{'dropped' if not i else '':8} {label}: {safe_line(dropped.reason)}"
    if decision.then:
        yield f"then     {', '.join(safe_line(decision.label(name), 60) for name in decision.then)}"


def _rule_text(decision: Decision) -> str:
    if decision.rule is None:
        return decision.why
    return f"{decision.rule}: {decision.why}"


def mark_match(prompt: str, match: Match) -> str:
    """Return the words of ``match`` in their place in ``prompt``, in brackets."""
    end = match.at + len(match.text)
    if not match.text or prompt[match.at : end] != match.text:
        return safe_line(match.text)
    start = max(0, match.at - _AROUND)
    before = ("…" if start else "") + prompt[start : match.at]
    after = prompt[end : end + _AROUND] + ("…" if end + _AROUND < len(prompt) else "")
    return safe_line(f"{before}[{match.text}]{after}")


def compare_lines(choices: Sequence[Choice]) -> Iterator[str]:
    """Return a table of what each preset would choose."""
    rows = [("PRESET", "MODEL", "RULE", "COST", "WHY"), *(_row(choice.decision) for choice in choices)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[-1]]).rstrip()


def _row(decision: Decision) -> tuple[str, str, str, str, str]:
    cost = decision.costs.get(decision.model) if decision.model else None
    return (
        safe_line(decision.preset, 30),
        safe_line(decision.label(decision.model), 30) if decision.model else "nobody",
        safe_line(decision.rule, 30) if decision.rule else "–",
        f"~{format_usd(cost.expected)}" if cost else UNPRICED if decision.model else "–",
        safe_line(decision.why, 200),
    )
