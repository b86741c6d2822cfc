"""When a person may be told something they did not ask for."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrators.notices import Manners, fingerprint
from orchestrators.results.notices import AlertKind, AlertLine

PACIFIC = ZoneInfo("America/Los_Angeles")


def at(text: str, zone: ZoneInfo = PACIFIC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-11-23T15:00", "2026-11-23T15:00"),
        ("2026-11-23T08:00", "2026-11-23T08:00"),
        ("2026-11-23T07:59", "2026-11-23T08:00"),
        ("2026-11-23T00:30", "2026-11-23T08:00"),
        ("2026-11-23T20:00", "2026-11-24T08:00"),
        ("2026-11-23T23:59", "2026-11-24T08:00"),
    ],
)
def test_the_night_of_the_person_is_quiet(now: str, told: str) -> None:
    assert Manners(PACIFIC).next_moment(at(now)) == at(told)


def test_quiet_hours_may_lie_within_a_day() -> None:
    siesta = Manners(PACIFIC, quiet_from=13, quiet_to=15)
    assert siesta.next_moment(at("2026-11-23T14:10")) == at("2026-11-23T15:00")
    assert siesta.next_moment(at("2026-11-23T22:00")) == at("2026-11-23T22:00")


def test_equal_hours_mean_no_quiet() -> None:
    never = Manners(PACIFIC, quiet_from=0, quiet_to=0)
    assert never.next_moment(at("2026-11-23T03:00")) == at("2026-11-23T03:00")


def test_a_snooze_ends_on_the_morning_of_its_day() -> None:
    snoozing = Manners(PACIFIC, snoozed_until=date(2026, 11, 25))
    assert snoozing.next_moment(at("2026-11-23T15:00")) == at("2026-11-25T08:00")
    assert snoozing.next_moment(at("2026-11-25T09:00")) == at("2026-11-25T09:00")


@given(
    now=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
    zone=st.sampled_from(sorted(available_timezones())),
    hours=st.tuples(st.integers(0, 23), st.integers(0, 23)),
)
def test_the_next_moment_is_soon_and_never_quiet(now: datetime, zone: str, hours: tuple[int, int]) -> None:
    here, manners = now.replace(tzinfo=UTC), Manners(ZoneInfo(zone), quiet_from=hours[0], quiet_to=hours[1])
    moment = manners.next_moment(here)
    assert here <= moment <= here + timedelta(hours=26)
    assert manners.next_moment(moment) == moment


def test_an_amount_that_moves_with_every_sync_is_no_news() -> None:
    line = AlertLine(AlertKind.FLOOR_BREACH, subject="floor", on=date(2026, 12, 4))
    assert fingerprint(line) == fingerprint(AlertLine(AlertKind.FLOOR_BREACH, subject="floor", on=date(2026, 12, 5)))
    assert fingerprint(line) != fingerprint(AlertLine(AlertKind.FLOOR_BREACH, subject="floor", detail="below_zero"))
    mismatch = AlertLine(AlertKind.MISMATCH, subject="m", on=date(2026, 12, 4))
    assert fingerprint(mismatch) != fingerprint(AlertLine(AlertKind.MISMATCH, subject="m", on=date(2026, 12, 5)))
