from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from smallchat.catalog.catalog import known_models
from smallchat.catalog.model import Model, Price, PriceStep, Rates
from smallchat.catalog.prices import PriceBook
from smallchat.config.provider import Providers
from smallchat.config.schema import Settings

MODELS = known_models()


def book(**base_urls: str) -> PriceBook:
    tables = {name: {"base_url": url} for name, url in base_urls.items()}
    return PriceBook(Providers(Settings.model_validate({"providers": tables}), {}))


def rates(*values: str | None) -> Rates:
    return Rates(*(None if value is None else Decimal(value) for value in values))  # type: ignore[arg-type]


# input, output, cached, cache write 5 min, cache write 1 h
CHECKED = {
    "gpt-5.4-mini": (rates("0.75", "4.50", "0.075"), rates("0.375", "2.25", "0.0375")),
    "gpt-5.4-nano": (rates("0.20", "1.25", "0.02"), rates("0.10", "0.625", "0.01")),
    "gpt-5.4": (rates("2.50", "15.00", "0.25"), rates("1.25", "7.50", "0.13")),
    "gpt-4.1-mini": (rates("0.40", "1.60", "0.10"), rates("0.20", "0.80", "0.10")),
    "gpt-4o-mini": (rates("0.15", "0.60", "0.075"), rates("0.075", "0.30", "0.075")),
    "gpt-6-luna": (rates("0.10", "0.50", "0.01", "0.125"), rates("0.05", "0.25", "0.005", "0.0625")),
    "claude-haiku-4-5": (
        rates("1.00", "5.00", "0.10", "1.25", "2.00"),
        rates("0.50", "2.50", "0.05", "0.625", "1.00"),
    ),
    "claude-haiku-5-5": (
        rates("0.10", "0.50", "0.01", "0.125", "0.20"),
        rates("0.05", "0.25", "0.005", "0.0625", "0.10"),
    ),
    "claude-3-5-haiku": (rates("0.80", "4.00", "0.08", "1.00", "1.60"), None),
    "claude-3-haiku": (rates("0.25", "1.25", "0.03", "0.30", "0.50"), None),
}


@pytest.mark.parametrize("name", CHECKED)
def test_listed_prices(name: str) -> None:
    price = book().price(MODELS[name], datetime(2026, 11, 20, tzinfo=UTC))
    assert price is not None
    assert (price.base, price.batch) == CHECKED[name]
    assert price.source == "genai-prices"
    assert price.as_of is not None
    assert date(2026, 10, 1) <= price.as_of <= date.today()


@pytest.mark.parametrize(
    ("name", "above", "long"),
    [
        ("gpt-5.4", 272_000, rates("5", "22.5", "0.5")),
        ("gpt-6-luna", 272_000, rates("0.2", "0.75", "0.02", "0.25")),
        ("claude-haiku-5-5", 100_000, rates("0.5", "2.5", "0.05", "0.625", "1")),
    ],
)
def test_steps_of_long_prompts(name: str, above: int, long: Rates) -> None:
    price = book().price(MODELS[name])
    assert price is not None
    assert price.steps == (PriceStep(above, long),)
    assert (price.rates_for(above), price.rates_for(above + 1)) == (price.base, long)


def test_every_known_model_has_a_price() -> None:
    assert [name for name in MODELS if book().price(MODELS[name]) is None] == []


def test_the_price_in_force_is_taken() -> None:
    model = Model("small", "mistral", "mistral-small-latest", "Small")
    before = book().price(model, datetime(2026, 3, 15, tzinfo=UTC))
    after = book().price(model, datetime(2026, 3, 16, tzinfo=UTC))
    assert before is not None
    assert after is not None
    assert (before.base.output, after.base.output) == (Decimal("0.3"), Decimal("0.6"))


def test_the_model_on_this_machine_is_free() -> None:
    price = book().price(MODELS["smollm2"])
    assert price is not None
    assert (price.base.input, price.base.output, price.source) == (0, 0, "local")


@pytest.mark.parametrize(
    ("provider", "wire_id"),
    [
        ("gateway", "gpt-5.4-mini"),  # whoever that is sets prices of their own
        ("ollama", "qwen3:4b"),
        ("openai", "no-such-model"),
        ("openai", ""),
        ("mistral", "mistral-small-24b-instruct-2501:free"),  # listed without any rate
    ],
)
def test_unknown_is_no_price_never_nothing(provider: str, wire_id: str) -> None:
    assert book(gateway="https://gateway.example/v1").price(Model("m", provider, wire_id, "m")) is None


def test_a_known_name_at_another_address_has_no_price() -> None:
    elsewhere = book(openai="http://127.0.0.1:4000/v1")
    assert elsewhere.price(MODELS["gpt-5.4-mini"]) is None
    assert elsewhere.price(MODELS["claude-haiku-4-5"]) is not None


def test_a_stated_price_wins_rate_by_rate() -> None:
    stated = Price(rates("0.09", "0.45"), as_of=date(2026, 11, 19))
    price = book().price(replace(MODELS["claude-haiku-5-5"], price=stated))
    assert price is not None
    assert price.base == rates("0.09", "0.45", "0.01", "0.125", "0.20")
    assert price.steps[0].above == 100_000
    assert (price.as_of, price.source) == (date(2026, 11, 19), "config")


def test_a_stated_price_stands_alone_where_there_is_no_list() -> None:
    stated = Price(rates("0.75", "4.50"))
    assert book().price(Model("fast", "gateway", "fast-1", "fast", price=stated)) == stated


def test_the_data_is_imported_at_first_use() -> None:
    prices = book()
    assert not prices.loaded
    prices.load()
    assert prices.loaded
