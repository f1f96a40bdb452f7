"""Everything that a configuration may say. Importing pydantic takes 100 ms: import this module late."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from smallchat.config.defaults import MAX_OUTPUT, PRESET, SECOND_STAGE, THEME
from smallchat.config.fields import (
    ApiKey,
    BaseUrl,
    Binding,
    Day,
    Dollars,
    EnvName,
    File,
    Header,
    HeaderName,
    JsonTable,
    Name,
    Names,
    Panes,
    Seconds,
    Tokens,
    to_tuple,
)


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
    """``[budget]``: the limits of all models together, of single models, and what happens at a limit.

    Attributes:
        on_exceed: What happens to a send that does not fit: the user is asked, it is not sent, or the
            cheapest model that fits is asked alone.
        unknown_price: Whether models without a price are asked all the same.
        hard_stop: Whether an answer that costs more than was set aside for it is stopped at a limit.
        models: The limits of single models.
    """

    on_exceed: Literal["ask", "block", "degrade"] = "ask"
    unknown_price: Literal["refuse", "allow"] = "refuse"
    hard_stop: bool = False
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
    rules: Annotated[tuple[RuleSettings, ...], BeforeValidator(to_tuple)] = ()


class SecondStageSettings(Table):
    """``[routing.second_stage]``: a model names the task of a prompt that no rule matched. Off without it.

    Attributes:
        model: The model to ask.
        timeout_s: Seconds to wait for it.
        most_usd: US dollars that one question may cost at worst.
    """

    model: Name = SECOND_STAGE
    timeout_s: Seconds = 3.0
    most_usd: Dollars = Decimal("0.005")


class RoutingSettings(Table):
    """``[routing]``: the preset that ``auto`` means, the second stage, and the user's own presets."""

    default: Name = PRESET
    second_stage: SecondStageSettings | None = None
    presets: dict[Name, PresetSettings] = Field(default_factory=dict)


class Settings(Table):
    """A whole configuration. Without a file, every part has its defaults."""

    app: AppSettings = Field(default_factory=AppSettings)
    providers: dict[Name, ProviderSettings] = Field(default_factory=dict)
    models: dict[Name, ModelSettings] = Field(default_factory=dict)
    budget: BudgetSettings = Field(default_factory=BudgetSettings)
    routing: RoutingSettings = Field(default_factory=RoutingSettings)
    keys: dict[Name, Binding] = Field(default_factory=dict)
