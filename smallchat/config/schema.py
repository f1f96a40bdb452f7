"""Everything that a configuration may say. Importing pydantic takes 100 ms: import this module late."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    model_validator,
)

from smallchat.config.defaults import MAX_OUTPUT, MOST_MODELS, PRESET, THEME
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


def _to_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _to_names(value: object) -> object:
    return (value,) if isinstance(value, str) else _to_tuple(value)


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
Panes = Annotated[tuple[Name, ...], BeforeValidator(_to_tuple), AfterValidator(_check_panes)]
Tokens = Annotated[int, Field(ge=1, le=100_000_000)]
Dollars = Annotated[Decimal, BeforeValidator(_to_decimal), Field(ge=0, le=1_000_000)]
Seconds = Annotated[float, BeforeValidator(_to_float), Field(gt=0, le=3600)]
Day = Annotated[date, BeforeValidator(_to_date)]
JsonTable = Annotated[dict[str, Any], BeforeValidator(_to_json)]
File = Annotated[Path, PlainValidator(_to_path), PlainSerializer(str, when_used="json")]


class Table(BaseModel):
    """A table of the file: it can not be changed, and knows its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class AppSettings(Table):
    """``[app]``. Without ``models``, the keys that exist decide: see :mod:`smallchat.config.defaults`."""

    models: Panes = ()
    theme: Name = THEME
    max_output: Tokens = MAX_OUTPUT
    run: Literal["parallel", "sequential"] = "parallel"
    system: str = ""


class ProviderSettings(Table):
    """``[providers.NAME]``; what is left out is the known provider's own.

    Attributes:
        wire: The protocol it speaks.
        base_url: Where it is; a key of this table belongs to this address.
        api_key: The key itself.
        key_env: The environment variable that holds the key.
        key_command: A command, run without a shell, whose first line of output is the key.
        headers: Sent with each request.
        label: Its name on the screen.
        api_version: Azure's version of the API.
        region: The region of Bedrock or Vertex.
        project: The Google Cloud project of Vertex.
        profile: The AWS profile of Bedrock.
        connect_timeout_s: Seconds until a connection must stand.
        idle_timeout_s: Seconds that may pass without a byte.
        payload_timeout_s: Seconds that may pass with bytes, such as pings, but without any content.
    """

    wire: Literal["openai", "anthropic"] | None = None
    base_url: BaseUrl | None = None
    api_key: ApiKey | None = None
    key_env: EnvName | None = None
    key_command: Name | None = None
    headers: dict[HeaderName, Header] = Field(default_factory=dict)
    label: Name | None = None
    api_version: Name | None = None
    region: Name | None = None
    project: Name | None = None
    profile: Name | None = None
    connect_timeout_s: Seconds = 10.0
    idle_timeout_s: Seconds = 60.0
    payload_timeout_s: Seconds = 180.0

    @model_validator(mode="after")
    def _check_one_key(self) -> ProviderSettings:
        given = [name for name in ("api_key", "key_env", "key_command") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"has {' and '.join(given)}; keep one")
        return self


class PriceSettings(Table):
    """``price`` of a model: US dollars per million tokens, and the day they were checked."""

    input: Dollars
    output: Dollars
    cached_input: Dollars | None = None
    cache_write: Dollars | None = None
    cache_write_1h: Dollars | None = None
    as_of: Day | None = None


class ModelSettings(Table):
    """``[models.NAME]``: a new model, or a known one changed field by field; ``None`` changes nothing.

    Attributes:
        provider: The provider that serves it.
        id: Its name on the wire.
        label: A short name for narrow places.
        wire: The wire to speak, where its provider speaks several.
        context: Tokens of input and output together.
        max_input: Tokens of input.
        max_output: Tokens of output.
        vision: Whether it reads images.
        params: Sent with each request.
        price: What it costs.
        path: The GGUF file of a model on this machine, from the directory of the configuration.
        system: Its system prompt, instead of the app's.
    """

    provider: Name | None = None
    id: Name | None = None
    label: Name | None = None
    wire: Literal["openai", "anthropic"] | None = None
    context: Tokens | None = None
    max_input: Tokens | None = None
    max_output: Tokens | None = None
    vision: bool | None = None
    params: JsonTable | None = None
    price: PriceSettings | None = None
    path: File | None = None
    system: str | None = None


class Caps(Table):
    """Limits in US dollars; ``None`` is no limit. ``day`` and ``month`` are the calendar's, in local time."""

    per_send: Dollars | None = None
    session: Dollars | None = None
    day: Dollars | None = None
    month: Dollars | None = None


class BudgetSettings(Caps):
    """``[budget]``: the limits of all models together, of single models, and what happens at a limit."""

    on_exceed: Literal["ask", "block", "degrade"] = "ask"
    unknown_price: Literal["refuse", "allow"] = "refuse"
    models: dict[Name, Caps] = Field(default_factory=dict)


class RuleSettings(Table):
    """One rule of a preset: ``when`` is a loose table of facts, ``use`` the models to try in order."""

    id: Name
    when: JsonTable
    use: Names
    why: str = ""


class PresetSettings(Table):
    """``[routing.presets.NAME]``: which models it may use, its rules, first match first, and the fallback."""

    description: str = ""
    candidates: Names
    fallback: Name
    sticky: Literal["off", "upgrade", "session"] = "off"
    rules: Annotated[tuple[RuleSettings, ...], BeforeValidator(_to_tuple)] = ()


class RoutingSettings(Table):
    """``[routing]``: the preset that ``auto`` means, and the user's own presets."""

    default: Name = PRESET
    presets: dict[Name, PresetSettings] = Field(default_factory=dict)


class Settings(Table):
    """A whole configuration. Without a file, every part has its defaults."""

    app: AppSettings = Field(default_factory=AppSettings)
    providers: dict[Name, ProviderSettings] = Field(default_factory=dict)
    models: dict[Name, ModelSettings] = Field(default_factory=dict)
    budget: BudgetSettings = Field(default_factory=BudgetSettings)
    routing: RoutingSettings = Field(default_factory=RoutingSettings)
    keys: dict[Name, Binding] = Field(default_factory=dict)
