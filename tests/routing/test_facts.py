from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.routing.facts import extract_facts
from smallchat.routing.layout import SIDE, WORDING_SIDE, cut_window, read_layout
from tests.benchmarks.bench_routing import measure

PROMPTS = Path(__file__).with_name("prompts.jsonl")
PARAGRAPH = "The committee read the figures of the northern branch and found nothing unusual in them. "


def test_own_prompts_meet_the_goals() -> None:
    report = measure(PROMPTS, {})
    assert report.expected.total() >= 200
    assert report.recall >= 0.75
    assert report.precision >= 0.85
    assert report.abstained <= 0.25


def test_every_task_is_told_more_often_than_not() -> None:
    report = measure(PROMPTS, {})
    assert all(report.right[task] / count > 0.7 for task, count in report.expected.items())


@pytest.mark.parametrize(
    "prompt",
    [
        json.loads(line)["prompt"]
        for line in PROMPTS.read_text(encoding="utf-8").splitlines()
        if '"task": null' in line
    ],
)
def test_what_is_not_understood_is_not_called_anything(prompt: str) -> None:
    assert extract_facts(prompt, tokens=1).task is None


@pytest.mark.parametrize(
    "prompt",
    [
        *("what is 2+2", "15% of 80?", "sqrt of 1764", "how much is 12 * 7 - 3", "250 minus 30%"),
        *("5 miles in km", "convert 72 fahrenheit to celsius", "next number: 2, 6, 12, 20, 30"),
    ],
)
def test_a_calculation_is_told_by_its_quantities(prompt: str) -> None:
    assert extract_facts(prompt, tokens=1).task == "reasoning"


@pytest.mark.parametrize(
    "prompt",
    [
        *(
            "iphone 15 vs 16",
            "24/7 pharmacy",
            "rated 8/10 by 200 people",
            "top 10% income",
            "windows 10 64 bit",
        ),
        *("population of norway 2020 vs 2010", "how many ounces in a pound", "recipe for 4 in 30 minutes"),
    ],
)
def test_numbers_alone_are_no_calculation(prompt: str) -> None:
    assert extract_facts(prompt, tokens=1).task != "reasoning"


@pytest.mark.parametrize(
    ("prompt", "task"),
    [
        ("why does useEffect run twice", "code"),
        ("what does strip() return", "code"),
        ("why does iOS drain the battery", "lookup"),
        ("sql query, customers without orders", "code"),
        ("python, the snake, in one picture book", None),
        ("all email addresses in here: anna@example.org wrote to bob@example.com", "extract"),
        ("Guten Abend zusammen. <- english please", "translate"),
        ("docker container exits right away with code 137", "code"),
        ("vitamin d, how much is too much", "lookup"),
        ("two trains 300 km apart approach each other at 80 and 70 km/h, when do they meet", "reasoning"),
        ("my uncle, who is a baker", None),
        ("the inn, when we came, which is a pity", None),
    ],
)
def test_a_few_words_are_enough(prompt: str, task: str | None) -> None:
    assert extract_facts(prompt, tokens=1).task == task


@pytest.mark.parametrize(
    ("prompt", "task"),
    [
        ("Tell me a joke about eigenvalues.", "writing"),
        ("Write a poem about Python and its indentation.", "writing"),
        ("Please write a bedtime story in which a function falls in love with a class. No code.", "writing"),
        ("I don't want any code, just explain what a compiler does.", "lookup"),
        ("Don't translate this, summarise it: il pleut depuis trois jours sur toute la vallée.", "summarise"),
        (PARAGRAPH * 10_000 + "\n\nSummarise this in five bullet points.", "summarise"),
        (PARAGRAPH * 10_000 + "\n\nTranslate the text above into Dutch.", "translate"),
        ("Translate the text below into Dutch.\n\n" + PARAGRAPH * 10_000, "translate"),
    ],
)
def test_traps(prompt: str, task: str) -> None:
    assert extract_facts(prompt, tokens=1).task == task


@pytest.mark.parametrize(
    ("prompt", "task"),
    [
        ("Makefile for a small C library", "code"),
        ("Code: nothing to see here, the weather is fine.", None),
        ("Letter to the council about the broken bench", "writing"),
        ("Swedish for wheelbarrow?", "translate"),
        ("Calm, tense or bored? He looked at the clock for the ninth time.", "classify"),
        ("The plan shows a bridge and a mill.", None),
        ("If all wugs are daxes and no daxes swim, can some wugs swim?", "reasoning"),
        ("Given an array of integers, return the two that lie closest to each other.", "code"),
        ("Anna: the boat leaks again\nPiet: then we stay at home on Sunday\n\nSummary:", "summarise"),
        (
            "When does it leave?\n\nThe boat to the island leaves daily at nine and comes back at five.",
            "extract",
        ),
    ],
)
def test_few_words_tell_by_what_they_name(prompt: str, task: str | None) -> None:
    assert extract_facts(prompt, tokens=1).task == task


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("Describe a customer as JSON with the keys name and age.", "json"),
        ("Don't use JSON. Describe a customer in plain words.", None),
        ("Explain what JSON is.", None),
        ("Summarise this JSON: it holds orders.", None),
        ("Write a function that parses JSON.", None),
        ("Compare the two phones in a table.", "table"),
        ("List the planets in YAML format.", "yaml"),
        ("Convert this CSV into a markdown table.", "table"),
        ("Reserve a table for two and tell me where.", None),
    ],
)
def test_format_is_what_the_answer_should_have(prompt: str, wanted: str | None) -> None:
    assert extract_facts(prompt, tokens=1).format == wanted


def test_a_schema_sent_along_is_a_format() -> None:
    assert extract_facts("Describe a customer.", tokens=1, schema=True).format == "schema"


def test_constraints_are_counted_once_each() -> None:
    facts = extract_facts(
        "Use at most 50 words, at most 50, without commas, and exactly 3 sentences.", tokens=1
    )
    assert facts.constraints == 5  # at most, words, without, exactly, sentences


def test_structure_is_seen() -> None:
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nValueError: no\n'
    assert extract_facts(f"Why?\n\n{trace}", tokens=1).traceback
    assert extract_facts("Review:\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n", tokens=1).diff
    assert extract_facts("```sql\nselect 1\n```\nIs it right?", tokens=1).language == "sql"
    logs = "".join(f"2024-01-01 10:00:0{i} INFO user={i} login\n" for i in range(5))
    assert (facts := extract_facts(f"Which users?\n{logs}", tokens=1)).data == "log"
    assert facts.rows == 5
    assert extract_facts("Clean this:\na,b,c\n1,2,3\n4,5,6\n7,8,9\n", tokens=1).data == "csv"
    assert extract_facts('Fix this: {"a": 1, "b": 2}', tokens=1).data == "json"
    assert extract_facts("东京的人口是多少？", tokens=1).cjk == 100


def test_matched_words_are_where_they_are_said_to_be() -> None:
    prompt = PARAGRAPH * 400 + "\n\nDraft an email to the chair, in exactly 80 words."
    matched = extract_facts(prompt, tokens=1).matched
    assert {one.fact for one in matched} >= {"task", "constraints"}
    assert all(prompt[one.at : one.at + len(one.text)] == one.text for one in matched)


def test_only_the_ends_of_a_prompt_are_looked_at() -> None:
    prompt = "a" * SIDE + "Write an email." * 100_000 + "b" * SIDE
    window = cut_window(prompt)
    assert len(window.text) < 2 * SIDE + 10
    assert "Write" not in window.text
    wording = read_layout("word " * 10_000).wording
    assert len(wording.split()) <= 2 * WORDING_SIDE


@pytest.mark.parametrize(
    "unit", ["\ud800", "\0", "```\n", "{", '"', "$", "写", "\u202e", "😀", "def f(", "İ", "- "]
)
def test_two_million_odd_characters_are_no_trouble(unit: str) -> None:
    facts = extract_facts(unit * (2_000_000 // len(unit)), tokens=1)
    assert len(facts.matched) < 200


WORDS = st.sampled_from(
    [
        "write",
        "a",
        "function",
        "story",
        "```",
        "\n\n",
        ":",
        "?",
        "2 + 2",
        "übersetze",
        "总结",
        "如果",
        '{"a": 1}',
        "json",
        "$x^2$",
        "İ",
        "ß",
    ]
)


@given(st.one_of(st.text(max_size=400), st.lists(WORDS, max_size=60).map(" ".join)))
def test_no_prompt_crashes_and_all_matches_are_in_it(prompt: str) -> None:
    facts = extract_facts(prompt, tokens=1)
    assert facts == extract_facts(prompt, tokens=1)
    for one in facts.matched:
        assert prompt[one.at : one.at + len(one.text)] == one.text
    assert 0 <= facts.cjk <= 100
