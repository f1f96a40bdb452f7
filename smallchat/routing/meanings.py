"""What a verb means with what it is applied to: the task, its kind, and how telling that is."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

Task = Literal["code", "reasoning", "writing", "summarise", "extract", "classify", "translate", "lookup"]
TASKS: tuple[Task, ...] = get_args(Task)

INTENTS = (
    "act", "analyse", "brainstorm", "classify", "compare", "compute", "continue", "convert", "design", "docs",
    "edit", "email", "explain", "extract", "fix", "implement", "lookup", "plan", "prove", "refactor",
    "review", "roleplay", "summarise", "translate", "write",
)  # fmt: skip
"""What kinds of tasks are told apart."""

Meaning: TypeAlias = tuple[Task, str, float]
"""A task, its kind, and how telling it is; 1 is just enough."""

_CODE: Meaning = ("code", "implement", 3.0)
_REFACTOR: Meaning = ("code", "refactor", 3.0)
_EDIT: Meaning = ("writing", "edit", 2.5)
_TEXT: Meaning = ("writing", "write", 3.0)
_MADE: dict[str, Meaning] = {
    "code": ("code", "implement", 3.0),
    "language": ("code", "implement", 2.5),
    "mine": ("code", "implement", 2.0),
    "prose": _TEXT,
    "email": ("writing", "email", 3.0),
    "docs": ("writing", "docs", 3.0),
    "summary": ("summarise", "summarise", 3.0),
    "translation": ("translate", "translate", 3.0),
    "idea": ("writing", "brainstorm", 2.0),
    "explanation": ("lookup", "explain", 2.5),
    "listing": ("lookup", "lookup", 1.3),
    "maths": ("reasoning", "prove", 1.5),
    "tech": ("code", "implement", 1.2),
}
_WEAK_LIST: Meaning = ("lookup", "lookup", 1.2)

MEANINGS: dict[str, dict[str, Meaning]] = {
    "write": {**_MADE, "": ("writing", "write", 1.5)},
    "make": _MADE,
    "tell": {
        "prose": _TEXT,
        "summary": ("summarise", "summarise", 3.0),
        "idea": ("writing", "brainstorm", 1.5),
        "": ("lookup", "explain", 1.5),
    },
    "build": {
        **{name: meaning for name, meaning in _MADE.items() if name != "maths"},
        "system": ("code", "design", 2.5),
        "tech": ("code", "implement", 2.0),
        "": ("code", "implement", 0.8),
    },
    "design": {
        **{name: meaning for name, meaning in _MADE.items() if name != "maths"},
        "system": ("code", "design", 2.5),
        "tech": ("code", "implement", 2.0),
        "": ("code", "design", 0.6),
    },
    "fix": {
        "language_fault": ("writing", "edit", 3.0),
        "prose": _EDIT,
        "email": _EDIT,
        "code": ("code", "fix", 3.0),
        "mine": ("code", "fix", 3.0),
        "tech": ("code", "fix", 2.5),
        "": ("code", "fix", 1.2),
    },
    "refactor": {"prose": _EDIT, "": _REFACTOR},
    "review": {
        "code": ("code", "review", 3.0),
        "mine": ("code", "review", 3.0),
        "language": ("code", "review", 2.5),
        "tech": ("code", "review", 2.0),
        "language_fault": _EDIT,
        "prose": _EDIT,
        "email": _EDIT,
        "docs": _EDIT,
    },
    "edit": {
        "code": _REFACTOR,
        "mine": _REFACTOR,
        "language": _REFACTOR,
        "maths": ("reasoning", "compute", 2.0),
        "summary": ("summarise", "summarise", 3.8),
        "": _EDIT,
    },
    "continue": {
        "code": _CODE,
        "mine": _CODE,
        "language": _CODE,
        "tech": ("code", "implement", 1.5),
        "": ("writing", "continue", 1.2),
    },
    "reply": {"": ("writing", "email", 2.0)},
    "roleplay": {"": ("writing", "roleplay", 1.6)},
    "brainstorm": {
        "idea": ("writing", "brainstorm", 3.0),
        "": ("writing", "brainstorm", 1.8),
    },
    "shrink": {
        "summary": ("summarise", "summarise", 3.0),
        "maths": ("reasoning", "compute", 2.0),
        "code": _REFACTOR,
        "tech": ("code", "refactor", 1.8),
        "mine": _REFACTOR,
    },
    "summarise": {"": ("summarise", "summarise", 4.0)},
    "translate": {
        "code": _REFACTOR,
        "language": ("code", "refactor", 3.5),
        "": ("translate", "translate", 4.0),
    },
    "classify": {"": ("classify", "classify", 3.0)},
    "decide": {"maths": ("reasoning", "compute", 2.2), "": ("classify", "classify", 2.2)},
    "extract": {"mine": ("code", "review", 2.0), "": ("extract", "extract", 3.0)},
    "find": {
        "maths": ("reasoning", "compute", 2.5),
        "code": ("code", "review", 1.8),
        "mine": ("code", "fix", 2.5),
        "label": ("classify", "classify", 2.5),
        "idea": ("writing", "brainstorm", 1.5),
        "": _WEAK_LIST,
    },
    "answer": {"label": ("classify", "classify", 3.0)},
    "say": {"label": ("classify", "classify", 3.0), "natural": ("translate", "translate", 3.0)},
    "return": {
        "code": ("code", "implement", 2.0),
        "language": ("code", "implement", 2.0),
        "tech": ("code", "implement", 2.0),
        "maths": ("reasoning", "compute", 1.8),
        "label": ("classify", "classify", 2.5),
        "": _WEAK_LIST,
    },
    "outline": {
        "prose": _TEXT,
        "docs": ("writing", "docs", 2.5),
        "summary": ("summarise", "summarise", 3.0),
        "system": ("code", "design", 2.0),
        "": ("lookup", "explain", 2.0),
    },
    "convert": {
        "code": _REFACTOR,
        "mine": _REFACTOR,
        "language": _REFACTOR,
        "prose": _EDIT,
        "email": _EDIT,
        "natural": ("translate", "translate", 3.5),
        "summary": ("summarise", "summarise", 3.5),
        "maths": ("reasoning", "compute", 2.5),
        "": ("extract", "convert", 1.2),
    },
    "prove": {"": ("reasoning", "prove", 3.5)},
    "compute": {
        "code": ("code", "implement", 1.5),
        "language": ("code", "implement", 2.0),
        "system": ("code", "implement", 1.2),
        "maths": ("reasoning", "compute", 3.5),
        "": ("reasoning", "compute", 2.0),
    },
    "reason": {
        "code": ("code", "review", 2.5),
        "mine": ("code", "review", 2.5),
        "label": ("classify", "classify", 2.5),
        "": ("reasoning", "analyse", 1.3),
    },
    "plan": {
        "code": ("code", "design", 2.0),
        "language": ("code", "design", 2.5),
        "tech": ("code", "design", 2.0),
        "": ("writing", "plan", 1.5),
    },
    "explain": {
        "mine": ("code", "explain", 2.5),
        "": ("lookup", "explain", 2.0),
    },
    "compare": {"": ("lookup", "compare", 2.0)},
    "act": {
        "code": ("code", "act", 2.0),
        "tech": ("code", "act", 1.8),
        "mine": ("code", "act", 2.0),
        "language": ("code", "act", 1.8),
    },
    "count": {"tech": ("code", "implement", 2.0), "": ("extract", "convert", 1.0)},
}
