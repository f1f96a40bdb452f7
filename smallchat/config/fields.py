"""The kinds of values that a configuration holds, each checked and made exact as it is read."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PlainValidator, ValidationInfo

from smallchat.config.defaults import MOST_MODELS
from smallchat.config.keys import Secret

_ENV_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")  # no small letters, so that a key is not taken for a name
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_LONGEST_BINDING = 40


def _seal(value: object, *, spaces: bool = False) -> Secret:
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")
    return Secret(value, spaces=spaces)


def _seal_header(value: object) -> Secret:
    return _seal(value, spaces=True)


def _check_header_name(name: str) -> str:
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError("is not the name of a header")
    return name


def _check_env_name(name: str) -> str:
    if not _ENV_NAME.fullmatch(name):
        raise ValueError(
            'must name an environment variable in capitals, such as "OPENAI_API_KEY", not hold the key'
        )
    return name


def _check_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url or "\\" in url:
        raise ValueError('must be an address such as "https://example.com/v1"')
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a name or password; put the key into api_key")
    if "?" in url or "#" in url:
        raise ValueError('must end before "?" or "#"')
    return url


def _check_binding(keys: str) -> str:
    if len(keys) > _LONGEST_BINDING or keys.startswith("sk-"):
        raise ValueError(
            "must be a key of the keyboard; the API key of NAME goes into [providers.NAME] api_key"
        )
    return keys


def _check_panes(names: tuple[str, ...]) -> tuple[str, ...]:
    if not 1 <= len(names) <= MOST_MODELS:
        raise ValueError(f"must name one to {MOST_MODELS} models; it names {len(names)}")
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"names {name} twice; to compare it with itself, add [models.NAME] with the same id"
            )
    return names


def _to_decimal(value: object) -> object:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _to_float(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


def to_tuple(value: object) -> object:
    """Return a list as a tuple, and leave anything else to the check of its type."""
    return tuple(value) if isinstance(value, list) else value


def _to_names(value: object) -> object:
    return (value,) if isinstance(value, str) else to_tuple(value)


def _to_json(value: object) -> object:
    """Return ``value`` as it is sent in a request: decimals as floats, no dates."""
    if isinstance(value, dict):
        return {key: _to_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_to_json(item) for item in value]
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("must not hold inf or nan")
        return float(value)
    if not isinstance(value, str | int | bool):
        raise ValueError("must hold text, numbers, true or false, lists and tables only")
    return value


def _to_date(value: object) -> object:
    if isinstance(value, datetime):
        raise ValueError("must be a day without a time, such as 2026-11-20")
    return value


def _to_path(value: object, info: ValidationInfo) -> Path:
    if not isinstance(value, str | Path) or not str(value) or "\0" in str(value):
        raise ValueError("must be the name of a file")
    try:
        path = Path(value).expanduser()
    except RuntimeError:
        raise ValueError("starts at a home directory that is not known") from None
    directory: Path = (info.context or {}).get("directory", Path())
    return directory / path


ApiKey = Annotated[Secret, PlainValidator(_seal), PlainSerializer(str, when_used="json")]
Header = Annotated[Secret, PlainValidator(_seal_header), PlainSerializer(str, when_used="json")]
HeaderName = Annotated[str, AfterValidator(_check_header_name)]
EnvName = Annotated[str, AfterValidator(_check_env_name)]
BaseUrl = Annotated[str, AfterValidator(_check_url)]
Binding = Annotated[str, AfterValidator(_check_binding)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_to_names)]
Panes = Annotated[tuple[Name, ...], BeforeValidator(to_tuple), AfterValidator(_check_panes)]
Tokens = Annotated[int, Field(ge=1, le=100_000_000)]
Dollars = Annotated[Decimal, BeforeValidator(_to_decimal), Field(ge=0, le=1_000_000)]
Seconds = Annotated[float, BeforeValidator(_to_float), Field(gt=0, le=3600)]
Day = Annotated[date, BeforeValidator(_to_date)]
JsonTable = Annotated[dict[str, Any], BeforeValidator(_to_json)]
File = Annotated[Path, PlainValidator(_to_path), PlainSerializer(str, when_used="json")]
