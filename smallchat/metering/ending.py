"""How an answer ended. Both SDKs end a cut stream silently: telling it from a complete one is our work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smallchat.metering.events import Cancelled, Failed, Failure, Finished, StreamEnded

if TYPE_CHECKING:
    from smallchat.metering.answer import Status

Last = StreamEnded | Failed | Cancelled

CUT = Failure(
    kind="protocol",
    message="The stream ended before the answer was complete.",
    hint="What arrived is kept. Send the prompt again for a whole answer.",
)
EMPTY = Failure(
    kind="protocol",
    message="The server closed the stream without sending an answer.",
    hint="Check the base URL and the model's name with the provider.",
)
REFUSED = Failure(
    kind="content",
    message="The model refused to answer, or the provider's content filter stopped it.",
    hint="Rephrase the prompt or try another model.",
)


def resolve_ending(last: Last, finished: Finished | None, has_payload: bool) -> tuple[Status, Failure | None]:
    """Return how an answer ended and why it failed, if it did.

    Args:
        last: The event that ended the last attempt.
        finished: The provider's word on why generation ended, if it said one.
        has_payload: Whether the model generated anything visible.
    """
    match last:
        case Cancelled():
            return "cancelled", None
        case Failed(failure=failure):
            return "error", failure
    if finished is not None:
        return finished.ending, REFUSED if finished.ending == "refused" else None
    if not last.marked:
        return "cut", CUT
    # Some local servers name no reason but close properly; without any payload that is no answer either.
    return ("ok", None) if has_payload else ("error", EMPTY)
