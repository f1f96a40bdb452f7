"""The facts of a prompt: what can be told about it at once, here, the same way each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smallchat.routing.evidence import Evidence, Reading
from smallchat.routing.layout import Data, Layout, Window, cut_window, read_layout
from smallchat.routing.maths import find_marks
from smallchat.routing.meanings import Task
from smallchat.routing.sentences import split_sentences
from smallchat.routing.signs import Format, Signs, read_signs
from smallchat.routing.tasks import choose_task, find_evidence
from smallchat.routing.vocabulary import Hit, find_hits, guess_language
from smallchat.routing.words import Words, split_words

_SHOWN = 80  # characters of a match
_ALIASES = {
    "py": "python",
    "js": "javascript",
    "ts": "typescript",
    "sh": "bash",
    "c++": "cpp",
    "cs": "csharp",
}


@dataclass(frozen=True, slots=True)
class Match:
    """A fact, the words that told it, and their first character in the prompt."""

    fact: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a prompt before anybody answers it.

    Attributes:
        task: What it asks for; ``None`` when nothing tells.
        intent: What kind of that, such as ``email`` or ``refactor``.
        tokens: Its estimated tokens.
        history_tokens: Those of the turns before it.
        system_tokens: Those of the system prompt.
        turn: Its number in the conversation, from 1.
        images: Pictures that go with it.
        files: Files that go with it.
        constraints: Conditions that the answer must meet.
        steps: Words that order or condition its parts: first, then, if, otherwise.
        format: The output format it asks for; ``schema`` when a JSON schema is attached.
        code: Whether it carries code.
        language: The programming language it names or carries.
        traceback: Whether it carries a traceback.
        diff: Whether it carries a diff.
        data: The kind of data pasted into it.
        rows: Records of that data, or items of its longest list.
        batch: Whether it asks for the same for each of many.
        maths: Marks of mathematical notation.
        ui: Whether it is about a screen.
        speed: Whether it wants an answer fast.
        accuracy: Whether it insists on being right.
        safety: Whether a mistake could harm: medicine, law, security.
        template: Whether there is a template to fill.
        research: Whether it wants a thorough investigation.
        tools: Whether it wants things done, one after the other.
        cjk: Per cent of its characters that are Han, Kana or Hangul.
        matched: The words that told, in the order of the facts.
    """

    tokens: int
    task: Task | None = None
    intent: str | None = None
    history_tokens: int = 0
    system_tokens: int = 0
    turn: int = 1
    images: int = 0
    files: int = 0
    constraints: int = 0
    steps: int = 0
    format: Format | None = None
    code: bool = False
    language: str | None = None
    traceback: bool = False
    diff: bool = False
    data: Data | None = None
    rows: int = 0
    batch: bool = False
    maths: int = 0
    ui: bool = False
    speed: bool = False
    accuracy: bool = False
    safety: bool = False
    template: bool = False
    research: bool = False
    tools: bool = False
    cjk: int = 0
    matched: tuple[Match, ...] = ()

    @property
    def total_tokens(self) -> int:
        """All tokens of the request: prompt, history and system prompt."""
        return self.tokens + self.history_tokens + self.system_tokens


def extract_facts(
    prompt: str,
    *,
    tokens: int,
    history_tokens: int = 0,
    system_tokens: int = 0,
    images: int = 0,
    files: int = 0,
    turn: int = 1,
    schema: bool = False,
) -> Facts:
    """Return the facts of ``prompt``. Pure; looks at its first and last 6,000 characters only.

    Args:
        prompt: The user's words.
        tokens: Its estimated tokens, as :class:`smallchat.catalog.tokens.TokenEstimator` counts them.
        history_tokens: Tokens of the turns before.
        system_tokens: Tokens of the system prompt.
        images: Pictures that go with it.
        files: Files that go with it.
        turn: Its number in the conversation, from 1.
        schema: Whether the answer must follow a JSON schema that is sent along.
    """
    window = cut_window(prompt)
    layout = read_layout(window.text)
    words = split_words(layout.wording)
    hits = find_hits(words, guess_language(words))
    sentences = split_sentences(words, hits)
    marks = find_marks(layout.wording)
    chosen = choose_task(find_evidence(Reading(sentences, words, layout, len(marks))))
    signs = read_signs(sentences, words, chosen.task if chosen else None)
    return Facts(
        tokens=tokens,
        task=chosen.task if chosen else None,
        intent=chosen.intent if chosen else None,
        history_tokens=history_tokens,
        system_tokens=system_tokens,
        turn=turn,
        images=images,
        files=files,
        constraints=len(signs.constraints),
        steps=len(signs.steps),
        format="schema" if schema else signs.format,
        code=bool(layout.code),
        language=_find_language(layout, hits),
        traceback=layout.traceback is not None,
        diff=layout.diff is not None,
        data=layout.data[0] if layout.data else None,
        rows=layout.rows,
        maths=len(marks),
        cjk=_cjk_percent(words),
        matched=tuple(_matches(window, chosen, signs, layout, marks)),
        **{flag: flag in signs.flags for flag in FLAGS},
    )


FLAGS = ("batch", "ui", "speed", "accuracy", "safety", "template", "research", "tools")
"""Facts that a word of the vocabulary alone tells."""


def name_task(facts: Facts, task: Task | None, by: str) -> Facts:
    """Return ``facts`` with the task that somebody else named: a model, or the user."""
    named = (Match("task", f"named by {by}", 0),)
    return replace(facts, task=task, intent=None, matched=(*named, *facts.matched))


def _matches(
    window: Window, chosen: Evidence | None, signs: Signs, layout: Layout, marks: Sequence[tuple[int, int]]
) -> list[Match]:
    def match(fact: str, start: int, end: int) -> Match:
        # Words of the head and of the tail do not belong together.
        end = min(end, window.cut) if start < window.cut else end
        text = window.text[start:end]
        start += len(text) - len(text.lstrip())
        return Match(fact, text.strip()[:_SHOWN], window.place(start))

    found = [match("task", chosen.start, chosen.end)] if chosen else []
    found += [match(fact, hit.start, hit.end) for fact, hit in signs.found()]
    if layout.code:
        found.append(match("code", *layout.code[0]))
    if layout.traceback:
        found.append(match("traceback", *layout.traceback))
    if layout.diff:
        found.append(match("diff", *layout.diff))
    if layout.data:
        found.append(match("data", *layout.data[1:]))
    if marks:
        found.append(match("maths", *marks[0]))
    return found


def _find_language(layout: Layout, hits: Sequence[Hit]) -> str | None:
    """Return the first known language that a fence names, or else the wording."""
    named = (hit for hit in hits if ("noun", "language") in hit.senses)
    candidates = [*layout.languages, *(layout.wording[hit.start : hit.end].lower() for hit in named)]
    for name in candidates:
        known = _ALIASES.get(name, name)
        if known in LANGUAGES:
            return known
    return None


LANGUAGES = (
    "bash", "c", "cpp", "csharp", "css", "go", "haskell", "html", "java", "javascript", "kotlin", "lua",
    "perl", "php", "powershell", "python", "ruby", "rust", "scala", "sql", "swift", "typescript",
)  # fmt: skip
"""Programming languages that rules may tell apart."""


def _cjk_percent(words: Words) -> int:
    letters = unspaced = 0
    for word, is_run in zip(words.texts, words.unspaced, strict=True):
        size = len(word) if word[0].isalnum() else 0
        letters += size
        unspaced += size if is_run else 0
    return round(100 * unspaced / letters) if letters else 0
