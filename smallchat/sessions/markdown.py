"""A session as Markdown that another person can check, and that smallchat reads back.

What people read (headings, tables, footnotes) follows from the data in the comments, and is not read back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from smallchat.metering.cost import UNKNOWN
from smallchat.safe_text import safe_line, safe_text
from smallchat.sessions.containment import Block, contain, inline
from smallchat.sessions.front_matter import write_front_matter
from smallchat.sessions.record import Record, edit_head, edit_texts

FORMAT = 1
LABELS = {"system": "*System prompt:*", "reasoning": "*Reasoning:*"}
TABLE_HEAD = "| model | status | TTFT | tok/s | in | cached | out | cost |\n|---|---|--:|--:|--:|--:|--:|--:|"


def markdown_parts(record: Record) -> Iterator[str]:
    """Yield the document for a session's ``record``: its head first, then turn by turn."""
    yield "\n".join(write_front_matter(_head(edit_head(record, safe_text)))) + "\n"
    systems: list[str] = []
    for number, turn in enumerate(record["turns"], start=1):
        yield "\n" + "\n".join(_turn_lines(number, edit_texts(turn, safe_text), systems)) + "\n"


def _head(session: Record) -> Record:
    return {
        "title": session["title"],
        "session": session["id"],
        "date": session["created"],
        "smallchat": session["smallchat"],
        "format": FORMAT,
        "mode": session["mode"],
        "models": [
            {
                "name": model["name"],
                "provider": model["provider"],
                "wire_id": model["wire_id"],
                "served": model["served"],
                "price": model["price"],
            }
            for model in session["models"]
        ],
        "origin": session["origin"],
        **({"panes": session["panes"]} if "panes" in session else {}),
        "totals": session["totals"],
    }


def _turn_lines(number: int, turn: Record, systems: list[str]) -> Iterator[str]:
    prompt = contain(turn["prompt"])
    data: Record = {key: turn[key] for key in ("created", "decision", "budget", "vote") if key in turn}
    yield from (f"# Turn {number}", "", _comment("turn", {**data, "prompt": _shape(prompt)}), "")
    yield from (*prompt.lines, "")
    answers = [*turn["answers"], *turn["alternatives"]]
    names = [inline(safe_line(answer["model"])) for answer in turn["answers"]]
    names += [f"{inline(safe_line(answer['model']))} (not chosen)" for answer in turn["alternatives"]]
    if answers:
        yield TABLE_HEAD
        yield from map(_table_row, names, answers)
    if vote := turn.get("vote"):
        yield from ("", f"*Blind vote:* {_vote_words(vote)}")
    for place, (name, answer) in enumerate(zip(names, answers, strict=True)):
        yield from ("", f"## {name}", "")
        yield from _answer_lines(answer, place < len(turn["answers"]), systems)


def _vote_words(vote: Record) -> str:
    if vote["verdict"] == "best":
        return inline(safe_line(vote["models"][vote["place"]]))
    return {"tie": "a tie", "all_bad": "all bad"}[vote["verdict"]]


def _answer_lines(answer: Record, chosen: bool, systems: list[str]) -> Iterator[str]:
    """Yield the data of an answer, then its texts; a system prompt is written where it first appears."""
    blocks = {"reasoning": contain(answer["reasoning"], fenced=True), "text": contain(answer["text"])}
    if answer["system"] not in ("", *systems):
        systems.append(answer["system"])
        blocks = {"system": contain(answer["system"], fenced=True), **blocks}
    shapes = {key: _shape(block) for key, block in blocks.items() if block.lines}
    data = {key: value for key, value in answer.items() if key not in ("system", "reasoning", "text")}
    if answer["system"]:
        data["system"] = systems.index(answer["system"])
    yield _comment("answer", {**data, "chosen": chosen, "blocks": shapes})
    for key, block in blocks.items():
        if block.lines:
            yield from ("", *((LABELS[key], "") if key in LABELS else ()), *block.lines)
    yield from _footnotes(answer)


def _footnotes(answer: Record) -> Iterator[str]:
    if not answer["text"]:
        yield from ("", "*No text.*")
    if error := answer["error"]:
        words = " · ".join(inline(safe_line(error[key])) for key in ("kind", "message", "hint") if error[key])
        yield from ("", f"**{inline(answer['status'])}:** {words}")
    for note in answer["notes"]:
        yield from ("", f"*Note:* {inline(safe_line(note))}")
    if answer["params"]:
        yield from (
            "",
            f"*Parameters:* {inline(safe_line(json.dumps(answer['params'], ensure_ascii=False)))}",
        )


def _table_row(name: str, answer: Record) -> str:
    usage = answer["usage"] or {}
    mark = "~" if usage.get("source") == "estimate" else ""
    counts = [mark + f"{usage[key]:,}" if usage else UNKNOWN for key in ("input", "cached", "output")]
    speed, ttft = answer["tokens_per_s"], answer["ttft_ms"]
    cells = (
        name,
        answer["status"],
        UNKNOWN if ttft is None else f"{ttft:,.0f} ms",
        UNKNOWN if speed is None else f"{mark}{speed:,.1f}",
        *counts,
        _cost(answer["cost"]),
    )
    return f"| {' | '.join(cells)} |"


def _cost(cost: Record) -> str:
    """Return all digits of a cost, with the mark of how sure it is."""
    if cost["usd"] is None:
        return UNKNOWN
    mark = {"estimate": "~", "lower_bound": "≥"}.get(cost["state"], "")
    return f"{mark}${cost['usd']}"


def _shape(block: Block) -> list[Any]:
    return ["fenced" if block.fenced else "plain", block.size]


def _comment(kind: str, data: Record) -> str:
    """Return ``data`` in a comment that nothing inside it can end."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("--", "-\\u002d").replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<!-- smallchat {kind} {text} -->"
