from __future__ import annotations

from dataclasses import replace

from smallchat.engine.conversation import Conversation
from smallchat.metering.answer import Answer, Status
from smallchat.providers.base import Image, Message
from tests.engine.fakes import model


def answer(text: str, status: Status = "ok") -> Answer:
    return Answer(model="m", provider="p", status=status, text=text)


def test_history_alternates_and_ends_with_the_prompt() -> None:
    conversation = Conversation(replace(model(), vision=True), "be kind")
    picture = Image("image/png", b"x")
    conversation.add("one", answer("1"), (picture,))
    conversation.add("two", answer("2 and", "cut"))
    assert conversation.messages_for("three") == (
        Message("user", "one", (picture,)),
        Message("assistant", "1"),
        Message("user", "two"),
        Message("assistant", "2 and"),
        Message("user", "three"),
    )


def test_earlier_pictures_are_not_shown_to_a_model_that_can_not_see() -> None:
    conversation = Conversation(replace(model(), vision=True))
    conversation.add("one", answer("1"), (Image("image/png", b"x"),))
    conversation.model = replace(model(), vision=False)
    assert not any(message.images for message in conversation.messages_for("two"))


def test_a_turn_without_an_answer_is_left_out() -> None:
    conversation = Conversation(model())
    conversation.add("one", answer("", "error"))
    conversation.add("two", answer(" \n", "cancelled"))
    assert conversation.messages_for("three") == (Message("user", "three"),)


def test_a_dropped_turn_can_be_asked_again() -> None:
    conversation = Conversation(model(), "be kind")
    conversation.add("one", answer("half", "cut"))
    turn = conversation.drop_last()
    assert turn is not None
    lane = conversation.lane_for(turn.prompt, 100)
    assert lane.messages == (Message("user", "one"),)
    assert (lane.system, lane.max_output) == ("be kind", 100)
    assert conversation.drop_last() is None
