"""A whole decision in words and colours: who answers, what told so, which rules and candidates were tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from smallchat.engine.choice_wording import choice_line, consulted_line
from smallchat.routing.wording import answered_line, describe_cost, describe_facts
from smallchat.safe_text import safe_line, safe_text

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.engine.choice import Choice
    from smallchat.routing.decision import Decision
    from smallchat.routing.facts import Match
    from smallchat.routing.presets import Preset

AROUND = 120  # characters of a long prompt shown on either side of a match
WHOLE = 1_200  # characters of a prompt that is shown in full
MARK = "bold $accent"


def describe_choice(choice: Choice, preset: Preset, consulted: Model | None = None) -> Content:
    """Return all of ``choice``, with the words that told in their places in the prompt.

    Args:
        choice: The choice.
        preset: The preset that it was made by.
        consulted: The second stage's model.
    """
    parts = [Content.styled(choice_line(choice), "bold")]
    if choice.decision.kept_from or (choice.decision.fallback and choice.decision.rule):
        parts.append(Content(safe_line(choice.decision.why, 400)))  # why not whom the rule wanted
    if note := answered_line(choice.decision):
        parts.append(Content.styled(note, "$warning"))
    if choice.consulted is not None and consulted is not None:
        parts.append(Content.styled(consulted_line(choice.consulted, consulted), "$quiet"))
    parts += [
        Content(""),
        _title("Prompt"),
        mark_matches(choice.prompt, choice.decision.facts.matched),
        Content(""),
        _title("Facts"),
        *_facts(choice.decision),
        Content(""),
        _title(f"Rules of {safe_line(choice.decision.preset, 60)}, in order"),
        *_rules(choice.decision, preset),
        Content(""),
        _title("Candidates"),
        *_candidates(choice.decision, preset),
    ]
    return Content("\n").join(parts)


def mark_matches(prompt: str, matches: Sequence[Match]) -> Content:
    """Return ``prompt`` with the words of ``matches`` marked; of a long one, what is around them.

    Marked words stand in brackets too: colours are not for everybody.
    """
    spans = sorted(
        {
            (match.at, match.at + len(match.text))
            for match in matches
            if match.text and prompt[match.at : match.at + len(match.text)] == match.text
        }
    )
    parts: list[Content] = []
    at = 0
    whole = len(prompt) <= WHOLE
    for start, end in spans:
        if start < at:
            continue  # within the one before
        parts.append(_between(prompt[at:start], first=not parts, whole=whole))
        parts.append(Content.styled(f"[{safe_text(prompt[start:end])}]", MARK))
        at = end
    rest = prompt[at:]
    if not whole and len(rest) > AROUND:
        rest = rest[: AROUND if parts else WHOLE] + " …"
    parts.append(Content(safe_text(rest)))
    return Content("").join(parts)


def _between(text: str, *, first: bool, whole: bool) -> Content:
    if not whole and len(text) > (AROUND if first else 2 * AROUND):
        text = f"… {text[-AROUND:]}" if first else f"{text[:AROUND]} … {text[-AROUND:]}"
    return Content(safe_text(text))


def _title(text: str) -> Content:
    return Content.styled(text, "bold $primary")


def _facts(decision: Decision) -> Iterator[Content]:
    for name, value in describe_facts(decision.facts):
        told = [match.text for match in decision.facts.matched if match.fact == name and match.text]
        words = f'  "{safe_line(told[0], 60)}"' if told else ""
        yield Content.assemble((f"  {name}: ", "$quiet"), safe_line(value, 120), (words, MARK))


def _rules(decision: Decision, preset: Preset) -> Iterator[Content]:
    known = [None, *(rule.id for rule in preset.rules)]
    if decision.preset != preset.name or decision.rule not in known:  # in an older session
        yield Content(f"  {safe_line(decision.rule or 'none', 40)}: {safe_line(decision.why, 400)}")
        return
    for rule in preset.rules:
        line = f"{safe_line(rule.id, 40)}: {safe_line(rule.why, 120)}"
        if rule.id == decision.rule:
            uses = ", ".join(safe_line(decision.label(name), 40) for name in rule.use)
            yield Content.styled(f"  ✓ {line} → {uses}", "$success")
            return
        tried = rule.id in decision.tried
        yield Content.styled(f"  {'✗' if tried else '–'} {line}", "$quiet")
    why = "chosen by you" if decision.rule is None and not decision.fallback else "no rule matched"
    yield Content(f"  {why}; the fallback is {safe_line(decision.label(preset.fallback), 60)}")


def _candidates(decision: Decision, preset: Preset) -> Iterator[Content]:
    dropped = {one.model: one.reason for one in decision.dropped}
    for model in preset.candidates:
        label = safe_line(model.label, 40)
        if model.name in dropped:
            reason = safe_line(dropped[model.name], 200)
            yield Content.styled(f"  ✗ {label}: {reason}", "$warning")
            continue
        cost = decision.costs.get(model.name)
        price = describe_cost(cost)
        if model.name == decision.model:
            yield Content.styled(f"  → {label}: {price}", "bold")
        else:
            yield Content(f"    {label}: {price}")
    if decision.then and decision.model is not None:
        instead = ", then ".join(safe_line(decision.label(name), 40) for name in decision.then)
        failing = safe_line(decision.label(decision.model), 40)
        yield Content.styled(f"  If {failing} is out of reach: {instead}", "$quiet")
