from __future__ import annotations

import pytest

from smallchat.catalog.catalog import Catalog
from smallchat.routing.pins import parse_pin

NAMES = ("gpt-5.4-nano", "gpt-5.4-mini", "claude-haiku-4-5")


@pytest.mark.parametrize(
    ("prompt", "pin", "rest"),
    [
        ("@haiku write a poem", "claude-haiku-4-5", "write a poem"),
        ("@Haiku\nwrite", "claude-haiku-4-5", "write"),
        ("@haiku4.5 hi", "claude-haiku-4-5", "hi"),
        ("@claude-haiku-4-5 hi", "claude-haiku-4-5", "hi"),
        ("@mini hi", "gpt-5.4-mini", "hi"),
        ("@gpt-5.4-nano hi", "gpt-5.4-nano", "hi"),
        ("@gpt hi", None, "@gpt hi"),
        ("@ann can you look?", None, "@ann can you look?"),
        ("mail me @haiku now", None, "mail me @haiku now"),
        ("@", None, "@"),
        ("@-- hi", None, "@-- hi"),
        ("@m hi", None, "@m hi"),
    ],
)
def test_parse_pin(catalog: Catalog, prompt: str, pin: str | None, rest: str) -> None:
    assert parse_pin(prompt, [catalog.get(name) for name in NAMES]) == (pin, rest)


def test_a_name_that_fits_two_is_none(catalog: Catalog) -> None:
    models = [catalog.get("claude-haiku-4-5"), catalog.get("claude-haiku-5-5")]
    assert parse_pin("@haiku hi", models) == (None, "@haiku hi")
    assert parse_pin("@haiku-5.5 hi", models) == ("claude-haiku-5-5", "hi")
