"""The answers of ``ask`` as text: on standard output what the models said, on standard error how it went."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from smallchat.metering.events import AttemptStarted, Noted, Payload, RetryScheduled
from smallchat.safe_text import safe_line, safe_text

if TYPE_CHECKING:
    from smallchat.engine.running import Running
    from smallchat.engine.sending import Send
    from smallchat.metering.answer import Answer
    from smallchat.metering.events import Event

POLL_S = 0.5  # a wait without an end would not let Ctrl+C through on every system


class Narrator:
    """Prints one send while it happens.

    A single answer streams as it comes. Of several, each is printed under its name when it is finished.
    With JSON to follow, standard output is left to it.
    """

    def __init__(self, send: Send, *, as_json: bool) -> None:
        """Prepare to follow ``send``."""
        self._send = send
        self._as_json = as_json
        self._streams = len(send.answers) == 1 and not as_json
        self._to_terminal = sys.stdout.isatty()
        self._news = threading.Event()
        self._told: set[int] = set()
        self._ends_line = True
        for running in send.answers:
            running.on_change(self._news.set)

    def run(self) -> None:
        """Print until every answer is settled."""
        while not self._send.done:
            self._news.wait(POLL_S)
            self._news.clear()
            self._print_news()
        self.finish()

    def finish(self) -> None:
        """Print what is left."""
        self._send.wait(POLL_S)
        self._print_news()

    def _print_news(self) -> None:
        for number, running in enumerate(self._send.answers):
            settled = running.done  # before draining: all events of a settled answer are in its mailbox
            for event in running.drain():
                self._tell(running, event)
            if settled and running.answer is not None and number not in self._told:
                self._told.add(number)
                self._tell_answer(running, running.answer)

    def _tell(self, running: Running, event: Event) -> None:
        if isinstance(event, Payload):
            if self._streams and event.channel == "text":
                self._write(event.text)
        elif isinstance(event, Noted):
            self._narrate(running, event.text)
        elif isinstance(event, RetryScheduled):
            when = f"Trying again in {event.wait_s:.0f} s." if event.wait_s else event.failure.hint
            self._narrate(running, f"{event.failure.message} {when}")
        elif isinstance(event, AttemptStarted) and event.number > 1:
            self._narrate(running, f"attempt {event.number}")

    def _tell_answer(self, running: Running, answer: Answer) -> None:
        if not self._streams and not self._as_json:
            self._write(f"## {safe_line(running.model.name)}\n\n")
            self._write(answer.text)
        if answer.text and not self._as_json:
            self._write("" if self._ends_line else "\n")
            if len(self._send.answers) > 1 and len(self._told) < len(self._send.answers):
                self._write("\n")
        if answer.error is not None:
            self._narrate(
                running, " ".join(part for part in (answer.error.message, answer.error.hint) if part)
            )
        if answer.attempts:
            self._narrate(running, describe_answer(answer))

    def _write(self, text: str) -> None:
        if text:
            sys.stdout.write(safe_text(text) if self._to_terminal else text)
            sys.stdout.flush()
            self._ends_line = text.endswith("\n")

    def _narrate(self, running: Running, text: str) -> None:
        if self._streams and not self._ends_line and self._to_terminal:
            self._write("\n")
        print(safe_line(f"{running.model.name}: {text}", 400), file=sys.stderr, flush=True)


def describe_answer(answer: Answer) -> str:
    """Return one line with how the answer ended and its figures."""
    from smallchat.metering.wording import (
        describe_validity,
        format_first_token,
        format_price,
        format_rate,
        format_usage,
    )

    figures = answer.figures
    parts = [
        answer.status,
        format_first_token(figures),
        format_rate(figures.tokens_per_s, figures.estimated),
        format_usage(answer.usage),
        format_price(answer.cost),
    ]
    if answer.schema is not None:
        parts.append(describe_validity(answer.schema))
    return " · ".join(parts)


def follow(send: Send, *, as_json: bool) -> bool:
    """Print the answers as they come; return whether that went on to the end.

    Ctrl+C stops the answers; what has arrived is printed and settled.
    """
    narrator = Narrator(send, as_json=as_json)
    try:
        narrator.run()
    except KeyboardInterrupt:
        send.stop()
        send.wait(2.0)
        narrator.finish()
        return False
    except BrokenPipeError:
        send.stop()
        raise
    return True


def narrate(text: str) -> None:
    """Print what the user should know on standard error."""
    print(safe_text(text), file=sys.stderr, flush=True)
