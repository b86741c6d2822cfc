"""The hour of the digest: one slot in every local week, whatever clocks and settings do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

import pytest

from domains.policy import DigestSettings
from orchestrators.digest_schedule import fingerprint, next_slot, read_fingerprint, slot_of
from orchestrators.results.digest import Period

START = datetime(2026, 1, 1, tzinfo=UTC)
YEARS = 10
ZONES = sorted(available_timezones())


@pytest.mark.parametrize(("weekday", "hour"), [(1, 9), (7, 2), (7, 23), (1, 0)])
def test_every_zone_has_one_slot_in_every_week_of_ten_years(weekday: int, hour: int) -> None:
    """A twelfth of the zones for each choice of day and hour, clock changes of both kinds among them."""
    for zone in ZONES[weekday + hour :: 12]:
        settings = DigestSettings(weekday=weekday, hour=hour, zone=zone)
        periods: list[Period] = []
        at = next_slot(settings, START)
        while at is not None and at.year < START.year + YEARS:
            periods.append(slot_of(settings, at).period)
            at = next_slot(settings, at)
        assert len(set(periods)) == len(periods), zone
        assert [later.monday - earlier.monday for earlier, later in pairwise(periods)] == [timedelta(weeks=1)] * (
            len(periods) - 1
        ), zone


def test_the_slot_is_at_the_hour_on_the_wall_of_the_business() -> None:
    settings = DigestSettings(weekday=1, hour=9, zone="America/Los_Angeles")
    slot = next_slot(settings, datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert slot == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert slot_of(settings, slot).period == Period(2026, 48)


def test_a_week_belongs_to_the_local_calendar() -> None:
    """Sunday evening in Honolulu is already Monday in UTC."""
    settings = DigestSettings(weekday=7, hour=20, zone="Pacific/Honolulu")
    slot = next_slot(settings, datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert slot is not None
    assert slot.isocalendar().week == 48
    assert slot_of(settings, slot).period == Period(2026, 47)


def test_no_digest_is_planned_for_those_who_want_none() -> None:
    assert next_slot(DigestSettings(enabled=False), START) is None


def test_a_plan_is_read_back_as_the_settings_it_was_made_from() -> None:
    settings = DigestSettings(weekday=5, hour=16, zone="Asia/Kolkata", enabled=False)
    assert read_fingerprint(fingerprint(settings)) == settings
    assert read_fingerprint("") is None


def test_the_channel_does_not_move_the_hour() -> None:
    settings = DigestSettings(weekday=5, hour=16)
    assert fingerprint(replace(settings, channel="C1", amounts_in_channel=True)) == fingerprint(settings)


def test_periods_are_written_so_that_they_sort() -> None:
    periods = [Period(2026, 9), Period(2026, 10), Period(2027, 1)]
    assert [str(one) for one in periods] == sorted(str(one) for one in periods)
