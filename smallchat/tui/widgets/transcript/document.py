"""The whole transcript as lines, found by their number: prompts, answers, notes, without any widget."""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, Literal

from smallchat.tui.widgets.transcript.block import Block
from smallchat.tui.widgets.transcript.inline import Links
from smallchat.tui.widgets.transcript.lines import NO_MARGIN, TEXT, Look, Margin
from smallchat.tui.widgets.transcript.rows import Rows
from smallchat.tui.widgets.transcript.stream import MarkdownStream

if TYPE_CHECKING:
    from smallchat.metering.events import Channel

NoteKind = Literal["note", "error", "figures"]

_SLICE = 10  # source lines, or parts of a block, between two looks at the clock
_LONGEST_PROMPT = 20_000  # characters shown; what was sent is not cut


def _margin(text: str, look: Look, rest: str | None = None) -> Margin:
    return Margin(((text, look),), ((text if rest is None else rest, look),), len(text))


_PROMPT = _margin("▌ ", Look("prompt-bar"))
_THINKING = _margin("┊ ", Look("thinking-bar"))
_NOTES: dict[NoteKind, tuple[Margin, Look]] = {
    "note": (_margin("· ", Look("note"), "  "), Look("note")),
    "error": (_margin("✗ ", Look("error"), "  "), Look("error")),
    "figures": (NO_MARGIN, Look("figures")),
}


class Answer:
    """What one answer was made of, as it was received."""

    def __init__(self) -> None:
        self.channels: dict[Channel, list[str]] = {}
        self.streams: list[MarkdownStream] = []
        self.channel: Channel | None = None
        self.lead = ""


class Document:
    """Streams of blocks, one after the other.

    Text is taken at once and read by ``work``, which stops when its time is up: reading, highlighting and
    laying out again at a new width all happen there, in slices, so that a key is never kept waiting.
    """

    def __init__(self, width: int = 80, links: Links | None = None) -> None:
        """Begin empty; with the ``links`` of another document it can be put above that one."""
        self.width = width
        self.links = Links() if links is None else links
        self._shares_links = links is not None
        self.rows = Rows()
        self.answers: list[Answer] = []
        self._streams: list[MarkdownStream] = []
        self._current = 0
        self._noted = False  # whether the last stream is a note: notes stand close together
        self._stale: list[Block] = []
        self._topics: list[tuple[MarkdownStream, object]] = []

    # Taking text

    def add_prompt(self, text: str) -> None:
        """Take what the user asked."""
        if len(text) > _LONGEST_PROMPT:
            left = len(text) - _LONGEST_PROMPT
            text = f"{text[:_LONGEST_PROMPT]}\n… and {left:,} more characters"
        self._add_whole(text, _PROMPT, Look("prompt"))

    def add_note(self, text: str, kind: NoteKind = "note", about: object = None) -> None:
        """Take a line of ours; ``about`` is what there is to say about it, if there is more."""
        gap = not self._noted
        stream = self._add_whole(text, *_NOTES[kind], gap=gap)
        self._noted = True
        if about is not None:
            self._topics.append((stream, about))

    def topic_at(self, y: int) -> object:
        """Return what the note on row ``y`` is about; ``None`` where there is no more to say."""
        block = self.rows.block_on(y) if self._topics else None
        if block is None:
            return None
        return next((about for stream, about in self._topics if block in stream.blocks), None)

    def begin_answer(self) -> None:
        """Begin an answer."""
        self.end_answer()
        self.answers.append(Answer())

    def append(self, text: str, channel: Channel = "text") -> None:
        """Take a chunk of the current answer."""
        if not self.answers:
            self.begin_answer()
        answer = self.answers[-1]
        answer.channels.setdefault(channel, []).append(text)
        if channel != answer.channel:
            if not text.strip():
                answer.lead += text  # blank text alone begins no section
                return
            self.end_answer()
            answer.streams.append(self._open_section(channel))
            answer.channel = channel
            text, answer.lead = answer.lead + text, ""
        answer.streams[-1].feed(text)

    def end_answer(self) -> None:
        """Settle the current answer."""
        if self._streams:
            self._streams[-1].end()
        if self.answers:
            self.answers[-1].channel = None

    def _open_section(self, channel: Channel) -> MarkdownStream:
        if channel == "text":
            return self._open(NO_MARGIN, TEXT)
        label = "thinking" if channel == "reasoning" else "tool call"
        self._add_whole(label, _THINKING, Look("thinking-label"))
        return self._open(_THINKING, Look("thinking"), gap=False, plain=channel == "tool")

    def _add_whole(self, text: str, outer: Margin, base: Look, *, gap: bool = True) -> MarkdownStream:
        self.end_answer()
        stream = self._open(outer, base, gap=gap, plain=True)
        stream.feed(text.strip("\n"))
        stream.end()
        return stream

    def _open(self, outer: Margin, base: Look, *, gap: bool = True, plain: bool = False) -> MarkdownStream:
        stream = MarkdownStream(
            self.width,
            self.links,
            self._stale.extend,
            outer=outer,
            base=base,
            gap=gap and bool(self._streams),
            plain=plain,
        )
        self._streams.append(stream)
        self._noted = False
        return stream

    # Working

    def work(self, until: int) -> bool:
        """Read and lay out until ``perf_counter_ns`` reaches ``until``; tell whether something is left."""
        if not self._shares_links:
            self.links.forget()
        while True:
            busy = (self._lay_out_some() if self._stale else self._read_some()) or bool(self._stale)
            if not busy or perf_counter_ns() >= until:
                break
        self.links.keep()
        self.rows.update(self._streams[: self._current + 1])
        return busy

    def put_above(self, earlier: Document) -> None:
        """Show ``earlier``, all of which is read, above what is here, which becomes its continuation."""
        if self._streams:
            self._streams[0].stand_apart()
        self._streams[:0] = earlier._streams
        self._current += len(earlier._streams)
        self.answers[:0] = earlier.answers
        self._topics[:0] = earlier._topics
        self.rows.renew()
        self.rows.update(self._streams[: self._current + 1])

    def resize(self, width: int, top: int) -> None:
        """Lay everything out for another width, beginning with what is seen from row ``top`` on."""
        if width == self.width:
            return
        first = self.rows.block_at(top)
        self.width = width
        for stream in self._streams:
            stream.width = width
            if (block := stream.open_block) is not None:
                block.lay_out(width)
                while block.work(1000):
                    pass
        closed = self.rows.closed_blocks()
        self._stale[:] = [*reversed(closed[:first]), *reversed(closed[first:])]
        self.rows.renew()

    def _read_some(self) -> bool:
        while self._current < len(self._streams):
            stream = self._streams[self._current]
            if stream.work(_SLICE):
                return True
            if not stream.finished or self._current == len(self._streams) - 1:
                return False
            self._current += 1
        return False

    def _lay_out_some(self) -> bool:
        block = self._stale[-1]
        if not block.stale or block.width != self.width:
            block.lay_out(self.width)
        block.work(_SLICE)
        if not block.stale:
            self._stale.pop()
            self.rows.renew()
        return True

    def code_blocks(self) -> list[str]:
        """Return the code of every code block of the answers."""
        return [
            block.source
            for answer in self.answers
            for stream in answer.streams
            for block in stream.blocks
            if block.shape.kind == "code"
        ]
