from __future__ import annotations

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.config.keys import MASK, BadKey, Secret, scrub
from smallchat.config.schema import ProviderSettings, Settings

KEY = "sk-proj-0123456789abcdefghijklmnop"


@pytest.mark.parametrize("raw", [KEY, f"{KEY}\n", f"  {KEY}\r\n", f"\t{KEY}"])
def test_whitespace_around_a_key_is_taken_off(raw: str) -> None:
    assert Secret(raw).reveal() == KEY


@pytest.mark.parametrize(
    "raw", ["", " \n", f"{KEY}\n{KEY}", f"{KEY} x", f"{KEY}\x00", f"{KEY}é", f"“{KEY}”", KEY * 999]
)
def test_what_can_not_be_a_key_is_refused_without_repeating_it(raw: str) -> None:
    with pytest.raises(BadKey) as caught:
        Secret(raw)
    assert KEY not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_header_may_hold_spaces_inside() -> None:
    assert Secret("Bearer abc", spaces=True).reveal() == "Bearer abc"
    with pytest.raises(BadKey):
        Secret("Bearer\nabc", spaces=True)


def test_no_way_of_showing_a_secret_shows_the_key() -> None:
    secret = Secret(KEY)
    settings = Settings(providers={"openai": ProviderSettings(api_key=secret, headers={"X-Key": secret})})
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>40}",
        f"{secret:>40}",
        "%s %r" % (secret, secret),  # noqa: UP031
        repr([secret, {"key": secret}]),
        repr(copy.deepcopy(secret)),
        repr(settings),
        str(settings),
        repr(settings.model_dump()),
        settings.model_dump_json(),
        repr(copy.deepcopy(settings)),
        repr(settings.model_copy(deep=True)),
    ]
    assert not [text for text in shown if KEY in text]
    assert copy.copy(secret) == secret
    assert copy.deepcopy(settings).providers["openai"].api_key == secret
    with pytest.raises(TypeError):
        vars(secret)


@pytest.mark.parametrize("dump", [pickle.dumps, json.dumps, lambda value: pickle.dumps({"a": [value]})])
def test_a_secret_can_not_be_stored(dump: object) -> None:
    with pytest.raises(TypeError) as caught:
        dump(Secret(KEY))  # type: ignore[operator]
    assert KEY not in str(caught.value)


def test_secrets_compare_by_their_key() -> None:
    assert Secret("abc") == Secret("abc\n")
    assert Secret("abc") != Secret("abd")
    assert Secret("abc") != "abc"
    assert len({Secret("abc"), Secret("abc")}) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"bad key {KEY}!", f"bad key {MASK}!"),
        (f"{KEY}{KEY}", MASK * 2),
        ("cut off: sk-proj-0123456789ab…", f"cut off: {MASK}…"),
        ("sk-proj-… is how keys begin", "sk-proj-… is how keys begin"),
    ],
)
def test_scrub_masks_whole_and_cut_keys(text: str, expected: str) -> None:
    assert scrub(text, [Secret(KEY)]) == expected


def test_scrub_masks_escaped_forms() -> None:
    secret = Secret('a/b"c\\d+e&f')
    for form in (json.dumps(secret.reveal()), "a%2Fb%22c%5Cd%2Be%26f"):
        assert secret.reveal()[2:] not in scrub(form, [secret])
        assert MASK in scrub(form, [secret])


def test_scrub_leaves_placeholders_alone() -> None:
    assert scrub("an example", [Secret("x")]) == "an example"


printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=60)


@given(printable, st.text(max_size=20), st.text(max_size=20))
def test_scrub_leaves_no_key(key: str, before: str, after: str) -> None:
    masked = scrub(f"{before}{key}{after}", [Secret(key)])
    assert key not in masked.replace(MASK, "\0")
