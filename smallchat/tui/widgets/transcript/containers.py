"""What a Markdown block stands in: quotes and list items, and the margin they make."""

from __future__ import annotations

from dataclasses import dataclass

from smallchat.tui.widgets.transcript.lines import Look, Margin, Span

BAR = ("▎ ", Look("bar"))


@dataclass(frozen=True, slots=True)
class Quote:
    """A block quote."""


@dataclass(frozen=True, slots=True)
class Item:
    """A list item.

    Attributes:
        indent: Columns to strip from the source lines inside it.
        kind: The marker's sort: ``-``, ``+``, ``*``, ``.`` or ``)``; another sort begins another list.
        number: The number of an ordered item, 0 for bullets.
        marker: What is shown in its place.
        done: Whether a task box is ticked; ``None`` when there is no box.
    """

    indent: int
    kind: str
    number: int
    marker: str
    done: bool | None = None


Container = Quote | Item


def margin_of(containers: list[Container], unshown: int) -> Margin:
    """Return the margin of a block in ``containers``, the last ``unshown`` of which were just opened."""
    first: list[Span] = []
    rest: list[Span] = []
    gutter = width = 0
    fresh = len(containers) - unshown
    for depth, container in enumerate(containers):
        if isinstance(container, Quote):
            first.append(BAR)
            rest.append(BAR)
            width += len(BAR[0])
            gutter = width
            continue
        text = container.marker + " "
        look = Look("marker")
        if container.done is not None:
            look = Look("done" if container.done else "marker")
        first.append((text, look) if depth >= fresh else (" " * len(text), Look()))
        rest.append((" " * len(text), Look()))
        width += len(text)
    if not unshown or not any(isinstance(container, Item) for container in containers[fresh:]):
        gutter = width  # a later block of an item: its indentation is only looks
    return Margin(
        tuple(first), tuple(rest), gutter, above=tuple(span for span in rest[:fresh] if span == BAR)
    )
