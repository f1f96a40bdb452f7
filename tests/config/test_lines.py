from __future__ import annotations

import tomllib
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from smallchat.config.lines import KeyPath, outline

TRICKY = '''\
# [app] is only mentioned here
top = 1
[app]   # a comment with models = 9
text = "# no comment, [x], = and \\" quoted"
literal = 'a \\'
multi = """
[fake]
key = 1 \\"""
"quoted" at the end""""
raw = \'\'\'
[fake2]
it''s\'\'\'
models = [
  "a", # first
  "b",
]
"quoted.key" = 2
a.b . "c d" = 3
inline = { x = 1, y.z = [ {p = 1}, {p = 2} ] }

[[rules]]
id = "one"
[rules.when]
tokens = 1
[[rules]]
id = "two"
when.tokens = 2
[[rules.parts]]
n = 1
[[rules.parts]]
n = 2
[a.b]
[a]
day = 1979-05-27 07:32:00
last=true'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("app",), 3),
        (("app", "text"), 4),
        (("app", "literal"), 5),
        (("app", "multi"), 6),
        (("app", "raw"), 10),
        (("app", "models"), 13),
        (("app", "models", 1), 15),
        (("app", "quoted.key"), 17),
        (("app", "a", "b", "c d"), 18),
        (("app", "inline", "y", "z", 1, "p"), 19),
        (("rules", 0, "id"), 22),
        (("rules", 0, "when", "tokens"), 24),
        (("rules", 1), 25),
        (("rules", 1, "when", "tokens"), 27),
        (("rules", 1, "parts", 1, "n"), 31),
        (("a", "b"), 32),
        (("a",), 33),
        (("a", "day"), 34),
        (("a", "last"), 35),
        (("app", "not there"), 3),
        (("fake",), None),
    ],
)
def test_finds_the_line_of_a_key(path: KeyPath, line: int | None) -> None:
    tomllib.loads(TRICKY)
    assert outline(TRICKY).line_of(path) == line


@pytest.mark.parametrize(
    ("text", "expected"),
    [('a = "#"', False), ("a = 1 # b", True), ("a = [1, # b\n2]", True), ("a = '''#\n#'''\n", False)],
)
def test_tells_comments_from_text(text: str, expected: bool) -> None:
    assert outline(text).has_comments is expected


keys = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
texts = st.text(st.sampled_from("a\"'#=[]{}\\\n ,.é"), max_size=12)
leaves = st.one_of(st.integers(), st.booleans(), texts, st.dates(), st.floats(allow_nan=False))
tables = st.recursive(
    st.dictionaries(keys, leaves, max_size=4),
    lambda inner: st.dictionaries(keys, st.one_of(leaves, inner, st.lists(inner, max_size=3)), max_size=4),
    max_leaves=12,
)


@given(tables, st.booleans())
def test_every_key_is_on_a_line_that_names_it(data: dict[str, Any], multiline: bool) -> None:
    text = tomli_w.dumps(data, multiline_strings=multiline)
    places, lines = outline(text), text.split("\n")
    assert places.has_comments is False
    for path, _ in walk(data):
        assert path in places.lines
        if isinstance(path[-1], str):
            name = tomli_w.dumps({path[-1]: 1}).removesuffix(" = 1\n")
            assert name in lines[places.lines[path] - 1]


@given(tables)
def test_comments_move_lines_and_nothing_else(data: dict[str, Any]) -> None:
    text = tomli_w.dumps(data)
    plain = outline(text)
    commented = outline("# [a]\n# b = 1\n" + text)
    assert {path: line + 2 for path, line in plain.lines.items()} == commented.lines
    assert commented.has_comments


def walk(value: Any, path: KeyPath = ()) -> list[tuple[KeyPath, Any]]:
    """Return every key of ``value`` with its path; inline values inside lists of scalars count as well."""
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    found: list[tuple[KeyPath, Any]] = []
    for key, item in items:
        found.append(((*path, key), item))
        found.extend(walk(item, (*path, key)))
    return found
