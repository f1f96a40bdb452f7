"""Values as the columns of the store hold them, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from smallchat.catalog.model import Price, PriceStep, Rates
from smallchat.metering.answer import Answer
from smallchat.metering.cost import usd_text
from smallchat.metering.record import answer_record
from smallchat.metering.record_reading import answer_from_record
from smallchat.sessions.session import Origin, SessionModel

_SURROGATES = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """Return ``text`` with lone surrogates replaced, which no file can hold."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def to_json(value: Any) -> str:
    """Return ``value`` as compact ASCII JSON; what JSON does not know is written as its text."""
    return json.dumps(value, separators=(",", ":"), default=str)


def mapping_to_json(value: Mapping[str, Any] | None) -> str | None:
    """Return ``value`` as JSON, ``None`` as ``None``."""
    return None if value is None else to_json(dict(value))


def time_text(moment: datetime) -> str:
    """Return a UTC time as ISO 8601 to the second: ``2026-11-20T10:00:00Z``."""
    # Not strftime: it writes the year 1 as "1", which nobody reads as a time again.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def read_time(text: str) -> datetime:
    """Return the time that ``text`` states.

    Raises:
        ValueError: It is not one, or has no time zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)


def now() -> datetime:
    """Return the current time, UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def full_record(answer: Answer) -> dict[str, Any]:
    """Return the record of ``answer`` with its notes."""
    return {**answer_record(answer), "notes": list(answer.notes)}


def read_full_record(record: Mapping[str, Any]) -> Answer:
    """Return the answer that :func:`full_record` was given.

    Raises:
        ValueError: The record has not the shape of one.
    """
    notes = record.get("notes", [])
    if not isinstance(notes, list) or not all(isinstance(note, str) for note in notes):
        raise ValueError("answer: notes should be a list of texts")
    return replace(answer_from_record(record), notes=tuple(notes))


def model_record(model: SessionModel) -> dict[str, Any]:
    """Return ``model`` ready for JSON."""
    price = model.price
    return {
        "name": model.name,
        "provider": model.provider,
        "wire_id": model.wire_id,
        "price": None if price is None else _price_record(price),
    }


def read_model(record: Mapping[str, Any]) -> SessionModel:
    """Return the model that :func:`model_record` was given.

    Raises:
        ValueError: The record has not the shape of one.
    """
    try:
        price = record.get("price")
        return SessionModel(
            name=str(record["name"]),
            provider=str(record["provider"]),
            wire_id=str(record["wire_id"]),
            price=None if price is None else _read_price(price),
        )
    except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"model: {error!r}") from None


def origin_record(origin: Origin | None) -> dict[str, Any] | None:
    """Return ``origin`` ready for JSON."""
    return None if origin is None else asdict(origin)


def read_origin(record: Mapping[str, Any] | None) -> Origin | None:
    """Return the origin that :func:`origin_record` was given.

    Raises:
        ValueError: The record has not the shape of one.
    """
    if record is None:
        return None
    try:
        model = record.get("model")
        return Origin(str(record["session"]), int(record["turn"]), None if model is None else str(model))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"origin: {error!r}") from None


def _price_record(price: Price) -> dict[str, Any]:
    record: dict[str, Any] = {"per": "1M tokens", **_rates_record(price.base)}
    if price.steps:
        record["steps"] = [{"above": step.above, **_rates_record(step.rates)} for step in price.steps]
    record["as_of"] = price.as_of.isoformat() if price.as_of else None
    record["source"] = price.source
    return record


def _rates_record(rates: Rates) -> dict[str, str]:
    known = {name: getattr(rates, name) for name in Rates.__slots__}
    return {name: usd_text(rate) for name, rate in known.items() if rate is not None}


def _read_price(record: Mapping[str, Any]) -> Price:
    as_of = record.get("as_of")
    return Price(
        base=_read_rates(record),
        steps=tuple(PriceStep(int(step["above"]), _read_rates(step)) for step in record.get("steps", ())),
        as_of=None if as_of is None else date.fromisoformat(as_of),
        source=str(record["source"]),
    )


def _read_rates(record: Mapping[str, Any]) -> Rates:
    rates = {name: Decimal(record[name]) for name in Rates.__slots__ if name in record}
    if not all(rate.is_finite() for rate in rates.values()):
        raise ValueError("a price that is no number")
    return Rates(**rates)
