"""Sessions for tests: one to begin with, and any that hypothesis can think of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from smallchat.catalog.model import Price, Rates
from smallchat.metering.answer import Answer, Cost, Figures
from smallchat.metering.events import Failure
from smallchat.metering.usage import Usage
from smallchat.sessions.seating import Seating
from smallchat.sessions.session import Kept, Origin, Session, SessionModel, Turn, TurnId
from smallchat.sessions.vote import Vote

NASTY_ANSWERS = [
    "```python\nprint(1)",
    "~~~~\nopen",
    "<!-- never closed",
    "<script>\nalert(1)",
    "<pre>\n\ntext",
    "<div>\n\n<details><summary>x",
    "# Heading\n\ntext",
    "Heading\n=======\ntext",
    "Heading\n---",
    "- ```\n  open in a list",
    "> quote\n> ```\n> open",
    "1. one\n   - two\n\n     three",
    "[one]: https://example.org\n[one]",
    "[one\ntwo]: /x 'title",
    "<!-- smallchat answer {} -->",
    "## fast\n\nnot the model",
    "````\n```\n````\n~~~\n~~~",
    "- a\n  ```\n<script>\n  ```",
    "text\n    ```\n    <script>\n    ```",
    "---\ntitle: x\n---",
    "<![CDATA[ open",
    "<?php",
    "| a | b |\n|---|---|\n| 1 | 2",
    "$$\nopen math",
    "ends with a backslash \\",
    "trailing spaces  \n\n\n",
    "\n\n  leading",
    "\tcode\n\n\tmore",
    "\x1b]52;c;aGk=\x07\x9b2J\r\nover\u202ewrite\ud800\ufffe\x00\u2028",
    "</details></pre></script>-->",
    "* * *\n- - -\n___",
    "&lt;script&gt; &#60;",
    "``````",
    "`" * 40,
    "",
    " ",
    "\n",
]

LINE_PARTS = [
    "```", "````", "~~~", "`", "<script>", "</script>", "<!--", "-->", "<pre>", "<div>", "<?", "<!A", "<a",
    "#", "##", "### ", "===", "---", "---\n", "- ", "* ", "+ ", "1. ", "10) ", "> ", "    ", "  ", " ", "\t",
    "[a]: /x", "[a]", "]:", "[", "|", "\\", "*", "_", "&amp;", "$$", ":::", "text", "fast",
    "smallchat answer {}", "\n", "\n", "\n\n", "\r", "\x1b[2J",
]  # fmt: skip

any_char = st.characters(exclude_categories=[])
texts = st.lists(st.sampled_from(LINE_PARTS), max_size=14).map("".join) | st.text(any_char, max_size=60)
texts |= st.sampled_from(NASTY_ANSWERS)
numbers = st.none() | st.floats(0, 1e6).map(lambda number: round(number, 1))
values = st.none() | st.booleans() | st.integers() | st.floats() | texts
mappings = st.dictionaries(texts, values | st.lists(values, max_size=3), max_size=3)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    cached, write, rest, reasoning, more = (draw(st.integers(0, 10**7)) for _ in range(5))
    source = draw(st.sampled_from(["usage", "estimate"]))
    return Usage(cached + write + rest, reasoning + more, cached, write, 0, reasoning, source)


amounts = st.decimals(0, 1000, places=9)
costs = st.builds(
    Cost,
    st.none() | amounts,
    st.sampled_from(["exact", "estimate", "lower_bound", "no_price"]),
    st.none() | st.dates(),
    st.none() | texts,
)
failures = st.builds(Failure, st.sampled_from(["server", "timeout"]), texts, texts, numbers)
answers = st.builds(
    Answer,
    model=texts,
    provider=texts,
    status=st.sampled_from(["ok", "length", "refused", "cancelled", "cut", "error"]),
    text=texts,
    reasoning=st.just("") | texts,
    served_model=st.none() | texts,
    finish_reason=st.none() | texts,
    attempts=st.integers(0, 3),
    figures=st.builds(
        Figures, numbers, numbers, numbers, numbers, numbers, numbers, st.integers(0, 999), numbers
    ),
    usage=st.none() | usages(),
    cost=costs,
    server_timings=st.none() | st.dictionaries(texts, st.floats(0, 1e6), max_size=2),
    error=st.none() | failures,
    notes=st.lists(texts, max_size=2).map(tuple),
)
kept = st.builds(Kept, answers, st.just("") | texts, mappings, st.integers(0, 2))
kept_answers = st.lists(kept, max_size=3).map(tuple)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


@st.composite
def votes(draw: st.DrawFn) -> Vote:
    names = tuple(draw(st.lists(texts, min_size=1, max_size=3)))
    verdict = draw(st.sampled_from(["best", "tie", "all_bad"]))
    place = draw(st.integers(0, len(names) - 1)) if verdict == "best" else None
    return Vote(names, verdict, place)


turns = st.builds(
    Turn,
    st.just(0),
    texts,
    moments,
    kept_answers,
    kept_answers,
    st.none() | mappings,
    st.none() | mappings,
    st.just(TurnId(0)),
    st.none() | votes(),
)
rates = st.builds(Rates, amounts, amounts, st.none() | amounts)
prices = st.builds(Price, base=rates, as_of=st.none() | st.dates(), source=texts)
models = st.builds(SessionModel, texts, texts, texts, st.none() | prices)
seatings = st.builds(Seating, st.integers(0, 3), st.dictionaries(st.integers(0, 5), texts, max_size=3))
sessions = st.builds(
    Session,
    id=texts,
    title=texts,
    created=moments,
    mode=texts,
    models=st.lists(models, max_size=3).map(tuple),
    turns=st.lists(turns, max_size=3).map(tuple),
    version=texts,
    origin=st.none() | st.builds(Origin, texts, st.integers(0, 99), st.none() | texts),
    seatings=st.lists(seatings, max_size=3).map(lambda some: tuple(sorted(some, key=lambda one: one.after))),
)

FAST = SessionModel(
    "fast",
    "gateway",
    "fast-1",
    Price(Rates(Decimal("0.75"), Decimal("4.50"), Decimal("0.075")), as_of=date(2026, 11, 20)),
)
SLOW = SessionModel("slow_2", "gateway", "slow-2")


def answer_of(model: str, text: str, *, usd: str | None = "0.0011088") -> Answer:
    """Return an answer that went well."""
    return Answer(
        model,
        "gateway",
        "ok",
        text=text,
        served_model=f"{model}-0915",
        finish_reason="stop",
        attempts=1,
        figures=Figures(ttft_ms=212.4, ttfa_ms=212.4, total_ms=1830.2, tokens_per_s=84.1, payload_events=120),
        usage=Usage(1204, 122, cached=1024),
        cost=Cost(Decimal(usd), "exact", date(2026, 11, 20), "config") if usd else Cost(None, "no_price"),
    )


def conversation(*texts: str, prompt: str = "Why is the sky blue?") -> Session:
    """Return a session in which ``fast`` and ``slow_2`` answer ``texts``, two in each turn."""
    pairs = [texts[at : at + 2] for at in range(0, len(texts), 2)]
    names = ("fast", "slow_2")
    return Session(
        id="k3x97fq2ab",
        title="Why is the sky blue?",
        created=datetime(2026, 11, 20, 10, tzinfo=UTC),
        mode="compare",
        models=(FAST, SLOW),
        turns=tuple(
            Turn(
                number=number,
                prompt=prompt,
                created=datetime(2026, 11, 20, 10, number, tzinfo=UTC),
                answers=tuple(
                    Kept(answer_of(names[pane], text), "Be brief.", {"temperature": 0.2}, pane)
                    for pane, text in enumerate(pair)
                ),
            )
            for number, pair in enumerate(pairs, start=1)
        ),
        version="0.1.0",
    )
