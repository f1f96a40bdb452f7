"""Search over prompts and answers, quick enough to run at each key."""

from __future__ import annotations

import os
import re
import sqlite3

from smallchat.safe_text import safe_text
from smallchat.sessions.reads import pattern_of, read_summary, summary_columns
from smallchat.sessions.summary import Match, Summary

SNIPPET_WORDS = 16
MOST_WORDS = 12  # of a query; a pasted page would keep the index busy for seconds


def match_expression(words: str) -> str:
    """Return ``words`` as an FTS5 expression: all of them, the last one as the beginning of a word.

    Every word is quoted, so that nothing typed is an operator. Empty when there is nothing to look for.
    """
    plain = _without_odd_signs(words).replace('"', " ").split()
    quoted = [f'"{word}"' for word in plain if any(map(str.isalnum, word))]
    return " ".join(quoted[:MOST_WORDS]) + "*" if quoted else ""


def search(db: sqlite3.Connection, words: str, limit: int) -> list[Match]:
    """Return the newest passages with all ``words``, at most one of each session."""
    expression = match_expression(words)
    if not expression:
        return []
    seen: set[str] = set()

    def is_new(session: str) -> bool:
        new = session not in seen
        seen.add(session)
        return new

    # Asked within the one pass over the index: to seek each passage again takes ten times as long.
    db.create_function("is_new", 1, is_new)
    # The text is anybody's: only marks that nobody could foresee are ours.
    start, end = f"\ue000{os.urandom(4).hex()}", f"\ue001{os.urandom(4).hex()}"
    rows = db.execute(
        f"SELECT turns.number, answers.model, snippet(words, 0, ?, ?, '…', ?), {summary_columns(db)}"
        " FROM words"
        " LEFT JOIN answers ON answers.id = words.rowid"
        " JOIN turns ON turns.id = coalesce(answers.turn, words.rowid)"
        " JOIN sessions ON sessions.id = turns.session"
        " WHERE words MATCH ? AND sessions.deleted IS NULL AND is_new(sessions.id)"
        " ORDER BY words.rowid DESC LIMIT ?",
        (start, end, SNIPPET_WORDS, expression, limit),
    )
    return [
        Match(read_summary(tuple(summary)), turn, model, *_read_marks(snippet, start, end))
        for turn, model, snippet, *summary in rows
    ]


def search_titles(db: sqlite3.Connection, words: str, limit: int) -> list[Match]:
    """Return the newest sessions with all ``words`` in their titles, which the user may have given."""
    wanted = _without_odd_signs(words).split()[:MOST_WORDS]
    if not wanted:
        return []
    conditions = " AND title LIKE ? ESCAPE '\\'" * len(wanted)
    rows = db.execute(
        f"SELECT {summary_columns(db)} FROM sessions WHERE deleted IS NULL{conditions}"
        " ORDER BY used DESC LIMIT ?",
        (*map(pattern_of, wanted), limit),
    )
    return [_match_title(read_summary(row), wanted) for row in rows]


def _without_odd_signs(words: str) -> str:
    """Return ``words`` without what SQLite does not take: NUL and lone surrogates."""
    return words.replace("\0", " ").encode(errors="replace").decode()


def _match_title(summary: Summary, wanted: list[str]) -> Match:
    title = _join_lines(summary.title)
    places = re.finditer("|".join(map(re.escape, wanted)), title, re.IGNORECASE)
    return Match(summary, None, None, title, tuple(place.span() for place in places))


def _read_marks(snippet: str, start: str, end: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    before, *rest = snippet.split(start)
    text, spans = _join_lines(before).lstrip(), []
    for part in rest:
        word, _, after = part.partition(end)
        word = _join_lines(word)
        spans.append((len(text), len(text) + len(word)))
        text += word + _join_lines(after)
    return text, tuple(spans)


def _join_lines(text: str) -> str:
    return re.sub(r"\s+", " ", safe_text(text))
