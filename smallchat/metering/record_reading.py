"""Answers read back from their records, which may come from files of others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar, get_args

from smallchat.metering.answer import Answer, Cost, CostState, Figures, Status, Validity
from smallchat.metering.events import Failure, FailureKind
from smallchat.metering.usage import Usage, UsageSource

T = TypeVar("T")


class RecordError(ValueError):
    """A record does not have the shape of an answer; the message names the key."""


def answer_from_record(record: Mapping[str, Any]) -> Answer:
    """Return the answer that ``record`` was made from.

    Not in a record, and so not in the result: notes, the one-hour part of a cache write, and the digits
    beyond those written. ``answer_record`` of the result equals ``record``.

    Raises:
        RecordError: A key is missing or has a value of the wrong kind. Records come from files of others.
    """
    reader = Reader(record, "answer")
    usage = _read_usage(reader.section("usage"))
    return Answer(
        model=reader.take("model", str),
        provider=reader.take("provider", str),
        served_model=reader.find("served_model", str),
        status=reader.word("status", get_args(Status)),
        finish_reason=reader.find("finish_reason", str),
        text=reader.take("text", str),
        reasoning=reader.take("reasoning", str),
        attempts=reader.count("attempts"),
        figures=_read_figures(reader, estimated=usage is not None and usage.source == "estimate"),
        usage=usage,
        cost=_read_cost(reader.section("cost")),
        server_timings=_read_timings(reader.section("server_timings")),
        error=_read_failure(reader.section("error")),
        schema=_read_validity(reader.section("schema")),
    )


def read_amount(text: str) -> Decimal | None:
    """Return the US dollars that ``text`` states; ``None`` when it states none, or what nobody spends."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount < 0 or (amount and not -18 <= amount.adjusted() <= 12):
        return None  # a number of a million digits is quick to write and slow to show
    return amount


def _read_figures(reader: Reader, estimated: bool) -> Figures:
    return Figures(
        ttft_ms=reader.number("ttft_ms"),
        ttfa_ms=reader.number("ttfa_ms"),
        total_ms=reader.number("total_ms"),
        tokens_per_s=reader.number("tokens_per_s"),
        tokens_per_s_overall=reader.number("tokens_per_s_overall"),
        chars_per_s=reader.number("chars_per_s"),
        payload_events=reader.count("payload_events"),
        tokens_per_event=reader.number("tokens_per_event"),
        stalls=reader.count("stalls"),
        estimated=estimated,
    )


def _read_usage(reader: Reader | None) -> Usage | None:
    if reader is None:
        return None
    source: UsageSource = reader.word("source", get_args(UsageSource))
    counts = {key: reader.count(key) for key in ("input", "cached", "cache_write", "output", "reasoning")}
    try:
        return Usage(source=source, **counts)
    except ValueError as error:
        raise RecordError(f"usage: {error}") from None


def _read_cost(reader: Reader | None) -> Cost:
    if reader is None:
        raise RecordError("answer: cost is missing")
    amount, as_of = reader.amount("usd"), reader.find("price_as_of", str)
    try:
        day = date.fromisoformat(as_of) if as_of is not None else None
    except ValueError:
        raise RecordError(f"cost: {as_of!r} is no date") from None
    state: CostState = reader.word("state", get_args(CostState))
    return Cost(usd=amount, state=state, price_as_of=day, price_source=reader.find("price_source", str))


def _read_failure(reader: Reader | None) -> Failure | None:
    if reader is None:
        return None
    kind: FailureKind = reader.word("kind", get_args(FailureKind))
    return Failure(
        kind, reader.take("message", str), reader.take("hint", str), reader.number("retry_after_s")
    )


def _read_validity(reader: Reader | None) -> Validity | None:
    if reader is None:
        return None
    return Validity(reader.find("valid", bool), reader.find("error", str))


def _read_timings(reader: Reader | None) -> dict[str, float] | None:
    if reader is None:
        return None
    timings = {key: reader.number(key) for key in reader.keys}
    return {key: value for key, value in timings.items() if value is not None}


class Reader:
    """Takes typed values out of an untrusted mapping. All of it raises ``RecordError``."""

    def __init__(self, values: Mapping[str, Any], name: str) -> None:
        """Read ``values``; errors call them ``name``."""
        self._values = values
        self._name = name

    @property
    def keys(self) -> list[str]:
        """The keys, in their order."""
        return [str(key) for key in self._values]

    def find(self, key: str, kind: type[T]) -> T | None:
        """Return the value of ``key``; ``None`` when there is none."""
        value = self._values.get(key)
        if value is None or isinstance(value, kind):
            return value
        raise RecordError(f"{self._name}: {key} should be {kind.__name__}, not {type(value).__name__}")

    def take(self, key: str, kind: type[T]) -> T:
        """Return the value of ``key``, which there must be."""
        value = self.find(key, kind)
        if value is None:
            raise RecordError(f"{self._name}: {key} is missing")
        return value

    def word(self, key: str, words: tuple[str, ...]) -> Any:
        """Return the value of ``key``, which must be one of ``words``."""
        self.take(key, str)
        return self.find_word(key, words)

    def find_word(self, key: str, words: tuple[str, ...]) -> Any:
        """Return the value of ``key``, which must be one of ``words``; ``None`` when there is none."""
        word = self.find(key, str)
        if word is not None and word not in words:
            raise RecordError(f"{self._name}: {key} should be one of {', '.join(words)}")
        return word

    def number(self, key: str) -> float | None:
        """Return the finite number at ``key``; ``None`` when there is none."""
        value = self._values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise RecordError(f"{self._name}: {key} should be a number")
        return value

    def count(self, key: str) -> int:
        """Return the whole number at ``key``, which must not be negative."""
        value = self.take(key, int)
        if isinstance(value, bool) or value < 0:
            raise RecordError(f"{self._name}: {key} should be a count")
        return value

    def amount(self, key: str) -> Decimal | None:
        """Return the US dollars at ``key``, written as a decimal string; ``None`` when there are none."""
        usd = self.find(key, str)
        if usd is None:
            return None
        amount = read_amount(usd)
        if amount is None:
            raise RecordError(f"{self._name}: {usd[:40]!r} is no amount")
        return amount

    def sections(self, key: str) -> list[Reader]:
        """Return readers of the mappings in the list at ``key``."""
        values = self.take(key, list)
        if not all(isinstance(value, Mapping) for value in values):
            raise RecordError(f"{self._name}: {key} should be objects")
        return [Reader(value, key) for value in values]

    def section(self, key: str) -> Reader | None:
        """Return a reader of the mapping at ``key``; ``None`` when there is none."""
        values: Mapping[str, Any] | None = self.find(key, Mapping)  # type: ignore[type-abstract]
        return None if values is None else Reader(values, key)
