from __future__ import annotations

import tomllib
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from smallchat.config.editing import edit_text

FILE = """\
# mine
[app] # the app
theme = "a"     # dark
models = [
  "x", # first
]

[providers.openai]
api_key = "old" # secret

[providers.inline]
a.b = 1
c = { d = 1 }
"""


def parse(text: str) -> dict[str, Any]:
    return tomllib.loads(text, parse_float=Decimal)


def edited(path: str, value: object) -> str | None:
    old = parse(FILE)
    new = deepcopy(old)
    *parents, key = path.split("/")
    table = new
    for parent in parents:
        table = table.setdefault(parent, {})
    if value is None:
        del table[key]
    else:
        table[key] = value
    return edit_text(FILE, old, new)


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        ("app/theme", "b", 'theme = "a"     # dark', 'theme = "b"     # dark'),
        ("app/models", ["y"], '[\n  "x", # first\n]', '[\n    "y",\n]'),
        ("app/max_output", 9, "[app] # the app\n", "[app] # the app\nmax_output = 9\n"),
        ("app/theme", None, 'theme = "a"     # dark\n', ""),
        ("providers/openai/api_key", "new", '"old"', '"new"'),
        (
            "providers/new one/api_key",
            "k",
            "c = { d = 1 }\n",
            'c = { d = 1 }\n\n[providers."new one"]\napi_key = "k"\n',
        ),
        ("providers/inline/a/b", 2, "a.b = 1", "a.b = 2"),
    ],
)
def test_a_small_change_leaves_the_rest_alone(path: str, value: object, before: str, after: str) -> None:
    assert before in FILE
    assert edited(path, value) == FILE.replace(before, after)


@pytest.mark.parametrize(
    ("path", "value"),
    [("providers/inline/c/d", 2), ("providers/inline/c/e", 2), ("providers/openai", None), ("top", 1)],
)
def test_a_larger_change_is_left_to_a_rewrite(path: str, value: object) -> None:
    assert edited(path, value) is None


def test_an_empty_text_becomes_one_table() -> None:
    assert edit_text("", {}, {"app": {"theme": "x"}}) == '[app]\ntheme = "x"\n'
    assert edit_text("# c", {}, {"app": {"theme": "x"}}) == '# c\n\n[app]\ntheme = "x"\n'


names = st.sampled_from(["a", "b", "c d", "é", "#", '"', "x.y"])
values = st.one_of(st.integers(), st.text("a#'\"\n\\=[]", max_size=5), st.lists(st.integers(), max_size=2))
documents = st.recursive(
    st.dictionaries(names, values, max_size=3),
    lambda inner: st.dictionaries(names, st.one_of(values, inner), max_size=4),
    max_leaves=10,
)


@given(documents, documents)
def test_an_edit_says_what_is_meant_and_keeps_comments(old: dict[str, Any], new: dict[str, Any]) -> None:
    text = f"# first\n{tomli_w.dumps(old)}# last"
    result = edit_text(text, old, new)
    if result is not None:
        assert parse(result) == new
        assert "# first" in result
        assert "# last" in result
