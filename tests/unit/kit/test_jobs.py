"""A job survives the way into a row and back, whatever its fields are; what another version wrote is recognised."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec
import pytest

from kit.jobs import Job, Lane, UnknownJob, decode, encode


class Mood(StrEnum):
    CALM = "calm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    name: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearse(Job):
    lane = Lane.INTERACTIVE
    piece: UUID
    on: date
    at: datetime
    fee: Decimal
    mood: Mood
    parts: tuple[Part, ...] = ()
    encore: str | None = None

    @property
    def serial(self) -> str:
        return f"hall:{self.on}"


JOB = Rehearse(
    piece=UUID(int=7),
    on=date(2026, 11, 20),
    at=datetime(2026, 11, 20, 9, tzinfo=UTC),
    fee=Decimal("0.10"),
    mood=Mood.CALM,
    parts=(Part(name="Zoë"), Part(name="b", count=2)),
)


def test_a_job_comes_back_as_it_was() -> None:
    kind, payload = encode(JOB)
    again = decode(kind, msgspec.json.decode(msgspec.json.encode(payload)))
    assert again == JOB
    assert isinstance(again, Rehearse)
    assert (again.lane, again.serial) == (Lane.INTERACTIVE, "hall:2026-11-20")


def test_a_job_of_another_version_is_unknown_and_not_broken() -> None:
    with pytest.raises(UnknownJob, match="Improvise"):
        decode("Improvise", {})


@pytest.mark.parametrize("change", [{"on": "someday"}, {"parts": [{"count": 1}]}, {"fee": "much"}])
def test_a_payload_of_another_shape_is_refused(change: dict[str, object]) -> None:
    kind, payload = encode(JOB)
    with pytest.raises(msgspec.ValidationError):
        decode(kind, payload | change)


def test_a_field_that_came_later_has_its_default() -> None:
    kind, payload = encode(JOB)
    del payload["encore"], payload["parts"]
    again = decode(kind, payload)
    assert isinstance(again, Rehearse)
    assert (again.encore, again.parts) == (None, ())


def test_a_job_is_background_work_and_runs_beside_others_unless_it_says_otherwise() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Plain(Job):
        pass

    assert (Plain().lane, Plain().serial) == (Lane.BACKGROUND, None)
    assert Lane.INTERACTIVE < Lane.BACKGROUND
