"""What goes with a prompt besides its text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from smallchat.engine.attaching import Attachment
    from smallchat.engine.order import Lane
    from smallchat.providers.base import Image
    from smallchat.tui.question import Question


@dataclass(frozen=True, slots=True)
class Enclosed:
    """Files that go with the next prompt, and the schema that answers must follow until it is taken off.

    Attributes:
        files: Images and text files, in the order they were attached.
        schema: The JSON schema; ``None`` for free text.
        schema_name: Its file's name.
    """

    files: tuple[Attachment, ...] = ()
    schema: Mapping[str, Any] | None = None
    schema_name: str = ""

    @property
    def images(self) -> tuple[Image, ...]:
        """The pictures."""
        return tuple(file.image for file in self.files if file.image is not None)

    def join(self, prompt: str) -> str:
        """Return ``prompt`` with the text files after it."""
        if all(file.image is not None for file in self.files):
            return prompt
        from smallchat.engine.attaching import join_files

        return join_files(prompt, self.files)

    def strip(self, prompt: str) -> str:
        """Return what ``prompt`` was before :meth:`join`."""
        return prompt.removesuffix(self.join(""))


NOTHING = Enclosed()
NOT_SEEING = "Not asked: this model can not see images."


def is_blind_to(lane: Lane) -> bool:
    """Return whether ``lane`` asks a model about a picture that it can not see."""
    return bool(lane.messages[-1].images) and not lane.model.vision


def leave_out_blind(question: Question) -> Question:
    """Return ``question`` to those of its panes that can see its pictures: perhaps to none."""
    lanes = question.order.lanes
    seeing = [number for number, lane in enumerate(lanes) if not is_blind_to(lane)]
    return question if len(seeing) == len(lanes) else question.only(seeing, why=NOT_SEEING)


def tell_blind(labels: Iterable[str]) -> str:
    """Return that the models ``labels`` can not see images, as a sentence."""
    *others, last = (safe_line(label, 60) for label in labels)
    return f"{', '.join(others)}{' and ' if others else ''}{last} can not see images."
