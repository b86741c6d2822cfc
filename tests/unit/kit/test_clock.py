"""Local days and weekly slots hold in every time zone, whatever its clock changes do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.clock import FrozenClock, ShiftedClock, SystemClock, format_date, format_time, local_today, next_local

NEW_YORK = ZoneInfo("America/New_York")
REAL = datetime(2026, 3, 3, 21, 15, tzinfo=UTC)
ZONES = sorted(available_timezones() - {"localtime", "Factory"})


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_date_moves_today_and_keeps_the_time_of_day() -> None:
    assert ShiftedClock("2026-11-27", FrozenClock(REAL)).now() == datetime(2026, 11, 27, 21, 15, tzinfo=UTC)


def test_processes_started_apart_agree_on_a_shifted_day() -> None:
    base = FrozenClock(REAL)
    first = ShiftedClock("2026-11-27", base)
    base.advance(timedelta(minutes=42))
    assert first.now() == ShiftedClock("2026-11-27", base).now()


def test_an_instant_is_now_at_the_start_and_time_flows_from_there() -> None:
    base = FrozenClock(REAL)
    clock = ShiftedClock("2026-11-27T09:00:00-05:00", base)
    assert clock.now() == datetime(2026, 11, 27, 14, tzinfo=UTC)
    base.advance(timedelta(hours=3))
    assert clock.now() == datetime(2026, 11, 27, 17, tzinfo=UTC)


def test_a_shifted_clock_runs_on_the_real_one_unless_told_otherwise() -> None:
    clock = ShiftedClock("2026-11-27")
    assert clock.now().date() in {date(2026, 11, 27), date(2026, 11, 28)}


@pytest.mark.parametrize("start", ["2026-11-27T09:00:00", "2026-13-01", "tomorrow", ""])
def test_a_start_that_is_no_date_and_no_instant_is_refused(start: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ShiftedClock(start)


def test_a_frozen_clock_moves_only_when_told() -> None:
    clock = FrozenClock(datetime(2026, 11, 27, 9, tzinfo=NEW_YORK))
    assert clock.now() == clock.now() == datetime(2026, 11, 27, 14, tzinfo=UTC)
    clock.advance(timedelta(days=1))
    assert clock.now() == datetime(2026, 11, 28, 14, tzinfo=UTC)
    with pytest.raises(ValueError, match="no UTC offset"):
        FrozenClock(datetime(2026, 11, 27))  # noqa: DTZ001 - the naive instant is what must be refused


def test_today_depends_on_where_one_is() -> None:
    clock = FrozenClock(datetime(2026, 11, 28, 3, tzinfo=UTC))
    assert local_today(clock, NEW_YORK) == date(2026, 11, 27)
    assert local_today(clock, ZoneInfo("Asia/Tokyo")) == date(2026, 11, 28)


def test_the_next_monday_nine_is_strictly_later() -> None:
    monday_nine = datetime(2026, 11, 23, 14, tzinfo=UTC)
    before = monday_nine - timedelta(microseconds=1)
    assert next_local(before, NEW_YORK, weekday=1, hour=9) == monday_nine
    assert next_local(monday_nine, NEW_YORK, weekday=1, hour=9) == monday_nine + timedelta(weeks=1)


def test_a_slot_keeps_its_wall_time_over_a_clock_change() -> None:
    summer = next_local(datetime(2026, 10, 26, 20, tzinfo=UTC), NEW_YORK, weekday=7, hour=9)
    assert summer == datetime(2026, 11, 1, 14, tzinfo=UTC)
    assert next_local(summer, NEW_YORK, weekday=7, hour=9) == datetime(2026, 11, 8, 14, tzinfo=UTC)


def test_a_skipped_wall_time_moves_forward() -> None:
    slot = next_local(datetime(2026, 3, 2, tzinfo=UTC), NEW_YORK, weekday=7, hour=2, minute=30)
    assert format_time(slot, NEW_YORK) == "3:30 AM"


def test_a_repeated_wall_time_means_its_first_occurrence() -> None:
    slot = next_local(datetime(2026, 10, 27, tzinfo=UTC), NEW_YORK, weekday=7, hour=1, minute=30)
    assert slot == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert next_local(slot, NEW_YORK, weekday=7, hour=1, minute=30) == datetime(2026, 11, 8, 6, 30, tzinfo=UTC)


def test_a_skipped_day_moves_to_the_next_one() -> None:
    apia = ZoneInfo("Pacific/Apia")  # went from Thursday 29 to Saturday 31 December 2011
    slot = next_local(datetime(2011, 12, 26, 20, tzinfo=UTC), apia, weekday=5, hour=9)
    assert slot.astimezone(apia).date() == date(2011, 12, 31)


def test_a_skipped_end_of_sunday_stays_in_its_week() -> None:
    algiers = ZoneInfo("Africa/Algiers")  # went from Sunday 23:00 to Monday 00:00 on 25 April 1971
    slot = next_local(datetime(1971, 4, 20, tzinfo=UTC), algiers, weekday=7, hour=23, minute=30)
    assert slot.astimezone(algiers).replace(tzinfo=None).isoformat() == "1971-04-25T22:30:00"


@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(1971, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    weekday=st.integers(1, 7),
    hour=st.integers(0, 23),
    minute=st.sampled_from([0, 30, 59]),
)
@example(zone="Africa/Algiers", start=datetime(1971, 3, 1, tzinfo=UTC), weekday=7, hour=23, minute=30)
@example(zone="Pacific/Apia", start=datetime(2011, 12, 20, tzinfo=UTC), weekday=5, hour=9, minute=0)
def test_every_local_week_has_exactly_one_slot(
    zone: str, start: datetime, weekday: int, hour: int, minute: int
) -> None:
    local = ZoneInfo(zone)
    slots = [start]
    for _ in range(60):
        slots.append(next_local(slots[-1], local, weekday=weekday, hour=hour, minute=minute))
    weeks = [_week_number(slot, local) for slot in slots[1:]]
    assert weeks == list(range(weeks[0], weeks[0] + len(weeks)))
    assert weeks[0] - _week_number(start, local) in {0, 1}


def _week_number(instant: datetime, zone: ZoneInfo) -> int:
    day = instant.astimezone(zone).date()
    return (day.toordinal() - 1) // 7


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 11, 27), "Fri 27 Nov"),
        (date(2026, 1, 1), "Thu 1 Jan"),
        (date(2027, 1, 1), "Fri 1 Jan 2027"),
        (date(2025, 12, 31), "Wed 31 Dec 2025"),
    ],
)
def test_dates_carry_the_year_only_when_it_is_not_the_current_one(day: date, written: str) -> None:
    assert format_date(day, today=date(2026, 11, 21)) == written


def test_times_are_written_on_the_local_wall_clock() -> None:
    assert format_time(datetime(2026, 11, 27, 20, 42, tzinfo=UTC), NEW_YORK) == "3:42 PM"
    assert format_time(datetime(2026, 11, 27, 5, 5, tzinfo=UTC), NEW_YORK) == "12:05 AM"
