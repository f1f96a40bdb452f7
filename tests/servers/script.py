"""What a test server is to do with a request: its schedule, its text, its counts, how it goes wrong."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

Ending = Literal[
    "ok",  # finish reason, usage, end mark
    "length",
    "refusal",  # OpenAI: delta.refusal; Anthropic: stop_reason refusal
    "filtered",  # OpenAI: finish_reason content_filter
    "unmarked",  # finish reason, but neither usage nor [DONE] / message_stop
    "unfinished",  # [DONE] / message_stop, but no finish reason and no usage
    "cut",  # the body ends cleanly after some tokens, and nothing else comes
    "drop",  # the connection is reset after some tokens
    "stall",  # some tokens, then silence on an open connection
    "pings",  # some tokens, then nothing but pings or comments
    "malformed",  # an event that is not JSON
    "utf8",  # an event that is not UTF-8
    "shape",  # an event that is JSON of the wrong shape
    "error",  # an error event inside the 200, as the provider documents it
    "named_error",  # the same with an `event: error` name on the OpenAI wire
    "endless",  # bytes without any newline, for ever
]

MARKDOWN = """\
## Findings

Latency is **not** throughput: a model may answer in 200 ms and then crawl.

1. Measure on *your own* prompts.
2. Keep `temperature` fixed while you compare.
3. Repeat, then look at the median.

| model | ttft | tok/s |
|---|---:|---:|
| alpha | 210 | 84 |
| beta | 350 | 140 |

```python
def median(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
```

> A number without its spread is an opinion. Überprüfe es: 数字は正直です.

"""


@dataclass(frozen=True, slots=True)
class Canned:
    """An answer that is no stream: an HTTP error, a page of HTML, nothing at all.

    ``{key}`` in ``message`` becomes the key that the client sent. ``body`` replaces the error object.
    """

    status: int
    message: str = "the test server says no"
    type: str = "api_error"
    code: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """How one request is answered.

    Attributes:
        ttft_s: Seconds from the complete request to the first token.
        tokens_per_s: Tokens per second after the first; 0 sends them as fast as they go.
        tokens: How many tokens of answer text; ``None`` sends all of ``text`` once.
        bundle: Tokens per event.
        jitter: Random part of each gap, 0 to 1; the mean rate stays.
        seed: Of the jitter.
        text: What is said, repeated as often as ``tokens`` asks for; ``None`` for numbered words.
        reasoning: Tokens of reasoning sent before the text.
        hidden_reasoning: Tokens of reasoning that are only counted.
        input_tokens: Input counted, cached parts included; ``None`` for a quarter of the characters sent.
        cached: Input read from the cache.
        cache_write: Input written to the cache, ``cache_write_1h`` of it for an hour.
        cache_write_1h: See ``cache_write``.
        usage: Whether usage is reported at all.
        usage_every: Whether each chunk repeats the usage so far (OpenAI wire).
        timings: Whether llama.cpp's ``timings`` come with the last chunk (OpenAI wire).
        served_model: The name the answer gives for its model; ``None`` for the one asked for.
        reasoning_key: The delta's key for reasoning (OpenAI wire).
        ending: How it ends, or goes wrong.
        after: Tokens sent before a fault.
        then_stall: Whether the body stays open in silence after all that ``ending`` sends.
        canned: An answer that is no stream, instead of all this.
        raw: A body sent byte for byte as ``text/event-stream``, instead of all this.
        silent_s: Seconds without even a header; with ``canned`` too.
        refuses: A key that the request must not have: a 400 names it.
        times: How many requests this script holds for; the plain script follows. 0 for all.
    """

    ttft_s: float = 0.0
    tokens_per_s: float = 0.0
    tokens: int | None = 20
    bundle: int = 1
    jitter: float = 0.0
    seed: int = 0
    text: str | None = None
    reasoning: int = 0
    hidden_reasoning: int = 0
    input_tokens: int | None = None
    cached: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    usage: bool = True
    usage_every: bool = False
    timings: bool = False
    served_model: str | None = None
    reasoning_key: str = "reasoning_content"
    ending: Ending = "ok"
    after: int = 5
    then_stall: bool = False
    canned: Canned | None = None
    raw: tuple[bytes, ...] | None = None
    silent_s: float = 0.0
    refuses: str = ""
    times: int = 0

    def pieces(self) -> list[str]:
        """Return the answer's tokens."""
        if self.text is None:
            return [f"word{n} " for n in range(self.tokens or 0)]
        whole = split_tokens(self.text)
        if self.tokens is None:
            return whole
        return list(itertools.islice(itertools.cycle(whole), self.tokens)) if whole else []

    def due(self, count: int) -> Iterator[float]:
        """Yield for each of ``count`` tokens the seconds from the request to its sending."""
        chance = random.Random(self.seed)
        gap = 1 / self.tokens_per_s if self.tokens_per_s else 0.0
        for n in range(count):
            shift = chance.uniform(-0.5, 0.5) * self.jitter * gap if n else 0.0
            yield self.ttft_s + n * gap + shift


def split_tokens(text: str) -> list[str]:
    """Cut ``text`` into pieces about as long as a model's tokens; joined they are the text again."""
    return re.findall(r"\s*\w{1,6}|\s*[^\w\s]{1,2}|\s+", text)


def _error(status: int, message: str, kind: str, code: str | None = None, **headers: str) -> Script:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Script(canned=Canned(status, message, kind, code, pairs))


FAULTS: dict[str, Script] = {
    "400": _error(400, "Invalid request.", "invalid_request_error"),
    "401": _error(401, "Incorrect API key provided: {key}.", "authentication_error", "invalid_api_key"),
    "403": _error(403, "Your key may not use this model.", "permission_error"),
    "404": _error(404, "The model does not exist.", "not_found_error", "model_not_found"),
    "422": _error(422, "Unprocessable.", "invalid_request_error"),
    "429": _error(429, "Slow down.", "rate_limit_error", retry_after="1"),
    "429-now": _error(429, "Slow down.", "rate_limit_error", retry_after="0"),
    "429-long": _error(429, "Slow down.", "rate_limit_error", retry_after="3600"),
    "429-date": _error(429, "Slow down.", "rate_limit_error", retry_after="Wed, 01 Jan 2200 00:00:00 GMT"),
    "quota": _error(429, "You exceeded your current quota.", "insufficient_quota", "insufficient_quota"),
    "500": _error(500, "Internal error.", "server_error"),
    "502": Script(canned=Canned(502, content_type="text/html", body="<html><h1>Bad gateway</h1></html>")),
    "503": _error(503, "Overloaded.", "overloaded_error"),
    "529": _error(529, "Overloaded.", "overloaded_error"),
    "context": _error(
        400,
        "This model's maximum context length is 8192 tokens.",
        "invalid_request_error",
        "context_length_exceeded",
    ),
    "policy": _error(
        400, "Blocked by the content policy.", "invalid_request_error", "content_policy_violation"
    ),
    "param": _error(
        400,
        "Unsupported parameter: 'temperature' is not supported with this model.",
        "invalid_request_error",
        "unsupported_parameter",
    ),
    "stream-options": Script(refuses="stream_options"),
    "redirect": Script(canned=Canned(307, headers=(("location", "/v1/elsewhere"),), body="")),
    "html": Script(
        canned=Canned(200, content_type="text/html", body="<!doctype html><title>Welcome</title>")
    ),
    "json": Script(canned=Canned(200, body='{"hello": "world"}')),
    "json-error": Script(
        canned=Canned(200, body='{"error": {"message": "model is still loading", "code": 503}}')
    ),
    "empty": Script(canned=Canned(200, body="")),
    "empty-stream": Script(canned=Canned(200, content_type="text/event-stream", body="")),
    "silent": Script(silent_s=3600),
    "pings-only": Script(ending="pings", after=0),
    "stall-first": Script(ending="stall", after=0),
    "drop-first": Script(ending="drop", after=0),
    "endless-first": Script(ending="endless", after=0),
    "length": Script(ending="length"),
    "refusal": Script(ending="refusal"),
    "filtered": Script(ending="filtered"),
    "unmarked": Script(ending="unmarked"),
    "unfinished": Script(ending="unfinished"),
    "cut": Script(ending="cut"),
    "drop": Script(ending="drop"),
    "stall": Script(ending="stall"),
    "pings": Script(ending="pings"),
    "malformed": Script(ending="malformed"),
    "utf8": Script(ending="utf8"),
    "shape": Script(ending="shape"),
    "error": Script(ending="error"),
    "named-error": Script(ending="named_error"),
    "endless": Script(ending="endless"),
    "no-usage": Script(usage=False),
}


def script_for(model: str, scripts: dict[str, Script], otherwise: Script) -> Script:
    """Return ``model``'s own script, that of ``fault-NAME`` or ``fault-NAMExTIMES``, or ``otherwise``."""
    if model in scripts:
        return scripts[model]
    match = re.fullmatch(r"fault-(.+?)(?:x(\d+))?", model)
    if match and match[1] in FAULTS:
        return replace(FAULTS[match[1]], times=int(match[2] or 0))
    return otherwise


@dataclass(slots=True)
class Sent:
    """One event as it left: when (``perf_counter_ns``), how many tokens it carried, its text."""

    at: int
    tokens: int
    text: str


@dataclass(slots=True)
class Seen:
    """One request as the server saw it, and what it did.

    Attributes:
        wire: ``openai`` or ``anthropic``; empty for anything else.
        received_at: When the request was complete, in ns.
        sent: Events with tokens, in order.
        ended: ``""`` while running, then ``done``, ``gone`` (the client left) or ``dropped`` (we did).
        connection: Number of the TCP connection it came by.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, object]
    wire: str
    model: str
    received_at: int
    connection: int
    sent: list[Sent] = field(default_factory=list)
    ended: str = ""
