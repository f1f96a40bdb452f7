"""What a prompt carries besides its wording: code, tracebacks, diffs, pasted data, lists, quotations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Data = Literal["json", "csv", "log"]

SIDE = 6_000
"""Characters looked at on either side of a long prompt: instructions stand at its ends."""

WORDING_SIDE = 2_500
"""Of these, the characters on either side that are read word by word."""

_GAP = "\n\n\n"
_OPTION = re.compile(r"(?:^|(?<=[\s(]))[A-Ea-e][.)]\s+\S")
_IDENTIFIER = re.compile(
    r"\b[a-z]{2,}[A-Z][a-z]+[A-Za-z]*\b|\b[A-Z]\w{1,40}(?:Error|Exception)\b|\b[a-z]\w{0,40}\(\)|(?<!\S)--[a-z][\w-]+"
)
_HUMP = re.compile(r"[a-z][A-Z]|\(\)|--[a-z]")  # every identifier has one, and plain text none
_FENCE = re.compile(r"^[ \t]*+(```+|~~~+)[ \t]*([\w+#.-]*)[^\n]*$", re.MULTILINE)
_LINE = re.compile(
    r"^[ \t]*+(?:"
    r"(?P<diff>diff --git |@@ -\d|(?:\+\+\+|---) [ab]/)"
    r"|(?P<trace>Traceback \(most recent|File \"[^\"\n]+\", line \d|at [\w.$<>]+\([^\n]*\)$"
    r"|(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception)\b(?:[:(]|$)|thread '[^'\n]+' panicked|goroutine \d+ \[)"
    r"|(?P<log>\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?\d\d:\d\d:\d\d\b|(?:INFO|WARN|ERROR|DEBUG)\b[: \]]"
    r"|\d{1,3}(?:\.\d{1,3}){3} - )"
    r"|(?P<json>\"[^\"\n]{1,80}\"[ \t]*:|[{\[],?$|[}\]]{1,4},?$|[{\[][ \t]*[{\[\"])"
    r"|(?P<item>(?:[-*•–]|\(?\d{1,3}[.):])[ \t]+\S)"
    r"|(?P<code>(?:def|class|async def|fn|func|function|public|private|protected|static|const|let|var|import"
    r"|package|using|namespace|struct|impl|return|elif|#include|#define|SELECT|CREATE TABLE|INSERT INTO) "
    r"[^\n]*[(){};=:*,]|from [\w.]+ import |import [\w.]+$|[\w.\[\]]+ ?[-+*/]?= ?[^=\s][^\n]*[)\];\d\"'\]]$"
    r"|(?:if|for|while|else|try|switch)\b[^\n]*[{:]$|</?[a-zA-Z][^\n>]*>|@\w+|[^\n]*[;{]$|[{}]+;?$"
    r"|(?:awk|sed|grep|curl|git|docker|kubectl|npm|pip|find|tar|ssh|chmod|rsync) [^\n]*[-'|{$/]"
    r"|\w[\w.]*\([^\n)]*\);?$|assert |print\(|>>> |\$ \w)"
    r")",
    re.MULTILINE,
)
_SURE_CODE = re.compile(
    r"\s*+(?:def \w+\(.*\).*:|class \w+.*:$|SELECT .* FROM |#include [<\"]|function \w*\("
    r"|(?:public|private) .*\{$|(?:awk|sed|grep|curl|kubectl|docker) .*['|{$])"
)
_INLINE_JSON = re.compile(r"\{[^{}\n\"]{0,400}\"[^{}\n:]{0,200}:[^{}\n]{0,400}\}")
_DOCSTRING = re.compile(r'(?:"""|\'\'\')[\s\S]{0,4000}?(?:"""|\'\'\')')
_INLINE_CODE = re.compile(r"`[^`\n]{1,200}`")
_QUOTE = re.compile(
    r"\"[^\"\n]{12,2000}\"|“[^“”]{12,2000}”|«[^«»]{12,2000}»|「[^「」]{6,2000}」|‘[^‘’\n]{12,500}’"
)
_QUOTED_WORDS = 4  # a shorter quotation may be a label or a name, which tells something
_SEPARATORS = (",", "\t", ";", "|")
_SENTENCE = 400  # characters; what is longer separates paragraphs
_CODE_LINES = 2
_DATA_LINES = 3


@dataclass(frozen=True, slots=True)
class Window:
    """The ends of a prompt, or all of a short one.

    Attributes:
        text: Head and tail with a gap between.
        cut: Where in ``text`` the tail starts; its length when nothing is left out.
        skipped: By how much a place behind ``cut`` is further on in the prompt.
    """

    text: str
    cut: int
    skipped: int

    def place(self, at: int) -> int:
        """Return where in the prompt the character ``at`` of the window is."""
        return at + self.skipped if at >= self.cut else at


def cut_window(prompt: str) -> Window:
    """Return what is looked at of ``prompt``: its first and last ``SIDE`` characters. Takes constant time."""
    if len(prompt) <= 2 * SIDE:
        return Window(prompt, len(prompt), 0)
    head = prompt[:SIDE] + _GAP
    return Window(head + prompt[-SIDE:], len(head), len(prompt) - SIDE - len(head))


@dataclass(frozen=True, slots=True)
class Layout:
    """What a text is made of.

    Attributes:
        wording: The text with everything else blanked out; places stay the same.
        fences: Places of code fences.
        languages: Languages that fences name.
        code: Places of lines of code outside of fences, or of the fences.
        traceback: The place of a traceback.
        diff: The place of a diff.
        data: The kind of data pasted, and where.
        rows: Records of the data, items of a list: the most of any of these.
        options: Lettered answers to choose from.
        identifiers: Names written as programs write them, and the place of the first.
    """

    wording: str
    fences: tuple[tuple[int, int], ...]
    languages: tuple[str, ...]
    code: tuple[tuple[int, int], ...]
    traceback: tuple[int, int] | None
    diff: tuple[int, int] | None
    data: tuple[Data, int, int] | None
    rows: int
    options: int = 0
    identifiers: tuple[tuple[int, int], ...] = ()


def read_layout(text: str) -> Layout:
    """Return what ``text`` is made of. Linear in its length."""
    fences, languages = _find_fences(text)
    blanked = _blank(text, fences)
    lines: dict[str, list[tuple[int, int]]] = {}
    for found in _LINE.finditer(blanked):
        end = blanked.find("\n", found.end())
        lines.setdefault(found.lastgroup or "", []).append((found.start(), len(text) if end < 0 else end))
    traces, diffs = lines.get("trace", []), lines.get("diff", [])
    code, json, logs = lines.get("code", []), lines.get("json", []), lines.get("log", [])
    code = code if len(code) >= _CODE_LINES or any(_SURE_CODE.match(text, *span) for span in code) else []
    docs = [found.span() for found in _DOCSTRING.finditer(blanked)] if code else []
    blocks = [*code, *docs, *traces, *diffs, *logs]
    data: tuple[Data, int, int] | None = None
    inline = [found.span() for found in _INLINE_JSON.finditer(blanked)] if "{" in blanked else []
    rows, table = _find_table(blanked)
    if len(logs) >= _DATA_LINES:
        data = ("log", *logs[0])
    elif not code and (len(json) >= _DATA_LINES or inline):
        blocks += [*json, *inline]
        data = ("json", *(inline or json)[0])
    elif table:
        blocks += table
        data = ("csv", *table[0])
    blanked = _blank(blanked, blocks)
    blanked = _blank(blanked, _quotations(blanked))
    if len(blanked) > 2 * WORDING_SIDE:
        blanked = _blank(blanked, [(WORDING_SIDE, len(blanked) - WORDING_SIDE)])
    return Layout(
        wording=blanked,
        fences=tuple(fences),
        languages=languages,
        code=tuple(fences or code),
        traceback=traces[0] if traces else None,
        diff=diffs[0] if len(diffs) > 1 else None,
        data=data,
        options=len(_OPTION.findall(text)) if "B." in text or "B)" in text or "b)" in text else 0,
        identifiers=_find_identifiers(blanked) if not (fences or code) else (),
        rows=max(rows, len(lines.get("item", ())), len(logs), len(inline)),
    )


def _find_identifiers(text: str) -> tuple[tuple[int, int], ...]:
    if _HUMP.search(text) is None:
        return ()
    return tuple(found.span() for found in _IDENTIFIER.finditer(text))


def _find_fences(text: str) -> tuple[list[tuple[int, int]], tuple[str, ...]]:
    if "```" not in text and "~~~" not in text:
        return [], ()
    spans: list[tuple[int, int]] = []
    languages: list[str] = []
    opened: re.Match[str] | None = None
    for found in _FENCE.finditer(text):
        if opened is None:
            opened = found
            if found[2]:
                languages.append(found[2].lower())
        elif found[1].startswith(opened[1]) and not found[2]:
            spans.append((opened.start(), found.end()))
            opened = None
    if opened is not None:
        spans.append((opened.start(), len(text)))
    return spans, tuple(dict.fromkeys(languages))


def _find_table(text: str) -> tuple[int, list[tuple[int, int]]]:
    """Return the rows of the largest run of lines with equally many separators, and their places."""
    best: list[tuple[int, int]] = []
    run: list[tuple[int, int]] = []
    shape, at = ("", 0), 0
    for line in text.split("\n"):
        end = at + len(line)
        now = _shape(line)
        if now != shape:
            best, run, shape = max(best, run, key=len), [], now
        if now[1]:
            run.append((at, end))
        at = end + 1
    best = max(best, run, key=len)
    return (len(best), best) if len(best) >= _DATA_LINES else (0, [])


def _shape(line: str) -> tuple[str, int]:
    for mark in _SEPARATORS:
        count = line.count(mark)
        # Prose has a space behind its commas.
        if count and (mark in "\t|" or line.count(mark + " ") * 2 < count):
            return mark, count
    return "", 0


def _quotations(text: str) -> list[tuple[int, int]]:
    spans = [
        found.span()
        for found in _QUOTE.finditer(text)
        if found[0].count(" ") >= _QUOTED_WORDS or "「" in found[0]
    ]
    spans += [found.span() for found in _INLINE_CODE.finditer(text)] if "`" in text else []
    # Who quotes the whole prompt does not quote.
    return spans if sum(end - start for start, end in spans) < 0.8 * len(text.strip()) else []


def _space(size: int) -> str:
    # What stands on either side of a block does not belong to one paragraph.
    return "\n\n\n" + " " * (size - 3) if size > _SENTENCE else " " * size


def _blank(text: str, spans: list[tuple[int, int]]) -> str:
    if not spans:
        return text
    pieces, at = [], 0
    for start, end in sorted(spans):
        if end <= at:
            continue
        start = max(start, at)
        pieces += [text[at:start], _space(end - start)]
        at = end
    return "".join([*pieces, text[at:]])
