"""A session as JSON, and back. What both kinds of export are made of."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from smallchat.metering.cost import usd_text
from smallchat.safe_text import safe_text
from smallchat.sessions.privacy import hide_directories, public_params
from smallchat.sessions.rows import (
    full_record,
    model_record,
    origin_record,
    read_full_record,
    read_model,
    read_origin,
    read_time,
    time_text,
)
from smallchat.sessions.seating import read_seatings, seating_record
from smallchat.sessions.session import Kept, Session, Turn
from smallchat.sessions.vote import read_vote, vote_record

Record = dict[str, Any]
Edit = Callable[[str], str]

MOST_DEEP = 100  # levels; ours have ten, and what goes through a record level by level has no room for many


class BadExport(ValueError):  # noqa: N818 - reads as what it is
    """A file is not a session that smallchat exported; the message says where."""


def session_record(
    session: Session, scrub: Edit | None = None, on_turn: Callable[[], object] | None = None
) -> Record:
    """Return ``session`` ready for ``json.dumps`` and fit to be given away.

    Paths in error messages and notes lose their directories; parameters that name a user or a key are
    left out.

    Args:
        session: What to export.
        scrub: Takes keys out of a text; it is given every text there is.
        on_turn: Is called as each turn is done.
    """
    total = session.total()
    usages = [kept.answer.usage for turn in session.turns for kept in turn.all_answers() if kept.answer.usage]
    record = {
        "session": {
            "id": session.id,
            "title": session.title,
            "created": time_text(session.created),
            "smallchat": session.version,
            "mode": session.mode,
            "models": [model_record(model) for model in session.models],
            "origin": origin_record(session.origin),
            **({"panes": [seating_record(one) for one in session.seatings]} if session.seatings else {}),
            "totals": {
                "usd": usd_text(total.usd),
                "exact_usd": usd_text(total.exact),
                "estimated_usd": usd_text(total.estimated),
                "lower_bound_usd": usd_text(total.lower_bound),
                "unpriced_answers": total.unpriced,
                "input_tokens": sum(usage.input for usage in usages),
                "cached_tokens": sum(usage.cached for usage in usages),
                "output_tokens": sum(usage.output for usage in usages),
            },
        },
        "turns": [_turn_record(turn) for turn in session.turns],
    }
    edited: Record = {"session": edit_head(record, scrub or str), "turns": []}
    for turn in record["turns"]:
        edited["turns"].append(edit_texts(turn, scrub or str))
        if on_turn is not None:
            on_turn()
    return edited


def edit_head(record: Record, edit: Edit) -> Record:
    """Return the head of ``record`` with ``edit`` applied to every text, and under which names models served.

    These follow from the answers, whose names ``edit`` is applied to as well.
    """
    head: Record = edit_texts(record["session"], edit)
    answers = (answer for turn in record["turns"] for answer in (*turn["answers"], *turn["alternatives"]))
    served = [
        (edit(answer["model"]), edit(answer["served_model"])) for answer in answers if answer["served_model"]
    ]
    for model in head["models"]:
        model["served"] = list(dict.fromkeys(own for name, own in served if name == model["name"] and own))
    return head


def read_session(record: Any) -> Session:
    """Return the session that :func:`session_record` was given; what follows from the rest is not read.

    Raises:
        BadExport: The record, perhaps somebody else's, has not the shape of one.
    """
    try:
        _check_depth(record)
        head = record["session"]
        return Session(
            id=_text(head, "id"),
            title=_text(head, "title"),
            created=read_time(_text(head, "created")),
            mode=_text(head, "mode"),
            models=tuple(read_model(model) for model in head["models"]),
            turns=tuple(_read_turn(turn, number) for number, turn in enumerate(record["turns"], start=1)),
            version=_text(head, "smallchat"),
            origin=read_origin(head["origin"]),
            seatings=read_seatings(head.get("panes")),
        )
    except KeyError as error:
        raise BadExport(f"{error} is missing") from None
    except (TypeError, AttributeError, ValueError, ArithmeticError) as error:
        raise BadExport(str(error)) from None


def json_parts(record: Record) -> Iterator[str]:
    """Yield ``record`` as indented JSON, its head first, then turn by turn.

    What a terminal could take for a command is escaped.
    """
    whole = _indented({"session": record["session"], "turns": []}, 0)
    end = len(whole) - len("]\n}")  # before it come the turns
    yield whole[:end]
    for number, turn in enumerate(record["turns"]):
        yield ("," if number else "") + "\n    " + _indented(turn, 4)
    yield ("\n  " if record["turns"] else "") + whole[end:] + "\n"


def _indented(value: Any, columns: int) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n" + " " * columns)
    return re.sub(r"[^\n -~]", _escape_unsafe, text)


def edit_texts(value: Any, edit: Edit) -> Any:
    """Return ``value`` with ``edit`` applied to every text in it; no number but JSON's own."""
    match value:
        case str():
            return edit(value)
        case bool() | int() | None:
            return value
        case float():
            return value if math.isfinite(value) else None
        case Mapping():
            return {edit(str(key)): edit_texts(part, edit) for key, part in value.items()}
        case Iterable():
            return [edit_texts(part, edit) for part in value]
        case _:
            return edit(str(value))


def _check_depth(record: Any) -> None:
    level = [record]
    for _ in range(MOST_DEEP):
        level = [
            part
            for value in level
            if isinstance(value, dict | list)
            for part in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise BadExport("it is nested too deep")


def _turn_record(turn: Turn) -> Record:
    return {
        "prompt": turn.prompt,
        "created": time_text(turn.created),
        "answers": [_kept_record(kept) for kept in turn.answers],
        "alternatives": [_kept_record(kept) for kept in turn.alternatives],
        "decision": turn.decision,
        "budget": turn.budget,
        **({"vote": vote_record(turn.vote)} if turn.vote else {}),
    }


def _kept_record(kept: Kept) -> Record:
    record = full_record(kept.answer)
    record["notes"] = [hide_directories(note) for note in record["notes"]]
    if record["error"]:
        for key in ("message", "hint"):
            record["error"][key] = hide_directories(record["error"][key])
    return {**record, "pane": kept.pane, "params": public_params(kept.params), "system": kept.system}


def _read_turn(record: Any, number: int) -> Turn:
    decision, budget = record.get("decision"), record.get("budget")
    if not (isinstance(decision, dict | None) and isinstance(budget, dict | None)):
        raise BadExport(f"turn {number}: decision and budget should be objects")
    return Turn(
        number=number,
        prompt=_text(record, "prompt"),
        created=read_time(_text(record, "created")),
        answers=tuple(_read_kept(answer) for answer in record["answers"]),
        alternatives=tuple(_read_kept(answer) for answer in record["alternatives"]),
        decision=decision,
        budget=budget,
        vote=read_vote(record.get("vote")),
    )


def _read_kept(record: Any) -> Kept:
    params, pane = record["params"], record["pane"]
    if not isinstance(params, dict) or not isinstance(pane, int) or not 0 <= pane < 1000:
        raise BadExport("params should be an object, pane a small number")
    return Kept(read_full_record(record), _text(record, "system"), params, pane)


def _text(record: Any, key: str) -> str:
    text = record[key]
    if not isinstance(text, str):
        raise BadExport(f"{key} should be a text")
    return text


def _escape_unsafe(match: re.Match[str]) -> str:
    char = match[0]
    return char if safe_text(char) == char and char != "\t" else json.dumps(char)[1:-1]
