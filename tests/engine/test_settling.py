from __future__ import annotations

import pytest

from smallchat.engine.settling import learn_from
from smallchat.metering.answer import Answer, Status
from smallchat.metering.usage import Usage
from tests.engine.fakes import FakeTokens, model


@pytest.mark.parametrize(
    ("status", "reasoning", "usage", "learned"),
    [
        ("ok", "", Usage(5, 9), [("m", "answer", 9)]),
        ("ok", "", Usage(5, 9, reasoning=7), [("m", "answer", 2)]),
        ("ok", "thought ", Usage(5, 9), [("m", "thought answer", 9)]),
        ("ok", "thought ", Usage(5, 9, reasoning=7), [("m", "answer", 2)]),
        ("ok", "", Usage(5, 9, source="estimate"), []),
        ("ok", "", None, []),
        ("cut", "", Usage(5, 9), []),
        ("cancelled", "", Usage(5, 9), []),
    ],
)
def test_only_whole_answers_that_were_counted_teach(
    status: Status, reasoning: str, usage: Usage | None, learned: list[tuple[str, str, int]]
) -> None:
    tokens = FakeTokens()
    answer = Answer("m", "p", status, text="answer", reasoning=reasoning, usage=usage)
    learn_from(answer, model(), tokens)
    assert tokens.learned == learned
