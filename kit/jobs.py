"""A job is a frozen dataclass of ids and facts; this file turns it into a row and back."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar

import msgspec


class Lane(IntEnum):
    """Who waits: a person watching, or nobody. Claimed in this order."""

    INTERACTIVE = 0
    BACKGROUND = 1


class UnknownJob(LookupError):
    """The kind is not known to this version of the code: the row is parked, not dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Base of all jobs. Fields are ids and facts, never secrets: the row can be read by operators.

    `lane` orders the queue. A `serial` job runs alone among those with the same serial key.
    """

    lane: ClassVar[Lane] = Lane.BACKGROUND
    kinds: ClassVar[dict[str, type["Job"]]] = {}

    def __init_subclass__(cls) -> None:
        Job.kinds[cls.__name__] = cls

    @property
    def serial(self) -> str | None:
        """Jobs with the same key never run side by side within a business."""
        return None


def encode(job: Job) -> tuple[str, dict[str, Any]]:
    return type(job).__name__, msgspec.to_builtins(job, str_keys=True)


def decode(kind: str, payload: dict[str, Any]) -> Job:
    """Raises `UnknownJob` for a kind of another version, `msgspec.ValidationError` for a foreign payload."""
    if kind not in Job.kinds:
        raise UnknownJob(kind)
    return msgspec.convert(payload, Job.kinds[kind], strict=False)
