from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.config.errors import ConfigError
from smallchat.routing.conditions import ALWAYS, deciding_facts, holds, parse_condition, subtract
from smallchat.routing.facts import Facts

FACTS = Facts(tokens=5_000, task="code", intent="fix", constraints=2, images=1)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({}, True),
        ({"tokens": "<8k"}, True),
        ({"tokens": "<5k"}, False),
        ({"tokens": "<=5k"}, True),
        ({"tokens": ">= 1.5k"}, True),
        ({"tokens": 5_000}, True),
        ({"tokens": [1, ">4k"]}, True),
        ({"task": ["writing", "code"]}, True),
        ({"task": "writing"}, False),
        ({"task": True}, True),
        ({"format": False}, True),
        ({"format": True}, False),
        ({"ui": False, "images": ">=1"}, True),
        ({"any": [{"ui": True}, {"images": ">=1"}]}, True),
        ({"all": [{"task": "code"}, {"tokens": "<1k"}]}, False),
        ({"not": {"task": "code"}}, False),
        ({"not": [{"task": "writing"}, {"ui": True}]}, True),
        ({"constraints": ">=2", "not": {"any": [{"images": 0}, {"tokens": ">1m"}]}}, True),
    ],
)
def test_grammar(when: dict[str, object], expected: bool) -> None:
    assert holds(parse_condition(when), FACTS) is expected


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"tokns": "<8k"}, ['Unknown fact "tokns"', '"tokens"']),
        ({"task": "wrting"}, ['"task" is never "wrting"', '"writing"']),
        ({"tokens": "~8k"}, ['"tokens" is a number', "<", ">="]),
        ({"tokens": True}, ['"tokens" is a number']),
        ({"tokens": -1}, ['"tokens" is a number']),
        ({"ui": "yes"}, ['"ui" is either true or false']),
        ({"any": {}}, []),
        ({"any": []}, ['"any" needs a list']),
        ({"all": ["x"]}, ['"all" needs tables']),
        ({"task": []}, ['"task" names no value']),
    ],
)
def test_mistakes_name_the_nearest(when: dict[str, object], words: list[str]) -> None:
    if not words:
        assert parse_condition(when) == ALWAYS
        return
    with pytest.raises(ConfigError) as caught:
        parse_condition(when)
    assert all(word in str(caught.value) for word in words)


def test_too_many_alternatives_are_refused() -> None:
    names = [
        "constraints",
        "steps",
        "rows",
        "maths",
        "images",
        "files",
        "turn",
        "tokens",
        "history_tokens",
        "cjk",
    ]
    with pytest.raises(ConfigError, match="too many"):
        parse_condition({"all": [{"any": [{name: 1}, {"ui": True}, {"code": True}]} for name in names]})


def test_deciding_facts_are_those_of_the_alternative_that_holds() -> None:
    condition = parse_condition({"any": [{"ui": True}, {"images": ">=1", "tokens": "<8k"}]})
    assert set(deciding_facts(condition, FACTS)) == {"images", "tokens"}


LEAVES = st.one_of(
    st.builds(
        lambda n, op: {"tokens": f"{op}{n}"}, st.integers(0, 6), st.sampled_from(["<", "<=", ">", ">=", "="])
    ),
    st.builds(lambda n: {"images": n}, st.integers(0, 2)),
    st.builds(lambda values: {"task": values}, st.lists(st.sampled_from(["code", "writing"]), min_size=1)),
    st.builds(lambda flag: {"ui": flag}, st.booleans()),
)
WHENS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=5,
)
SOME = [
    replace(FACTS, tokens=tokens, images=images, task=task, ui=ui)
    for tokens in range(8)
    for images in range(3)
    for task in ("code", "writing", None)
    for ui in (True, False)
]


@given(WHENS, WHENS)
def test_subtracting_leaves_what_holds_and_the_other_does_not(one: dict, other: dict) -> None:
    a, b = parse_condition(one), parse_condition(other)
    rest = subtract(a, b)
    for facts in SOME:
        assert holds(rest, facts) == (holds(a, facts) and not holds(b, facts))


@given(WHENS)
def test_not_is_the_opposite(when: dict) -> None:
    condition, opposite = parse_condition(when), parse_condition({"not": when})
    assert all(holds(condition, facts) != holds(opposite, facts) for facts in SOME)
