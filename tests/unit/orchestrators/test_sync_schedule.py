"""How often books are read: by the hour of their own day, by who waits, by what the month has left."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domains.sync_history import Kind
from orchestrators.sync_schedule import Due, Reading, find_due, pause_of

MONDAY_NOON = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)  # 12:00 in Portland
SAME_EVENING = MONDAY_NOON + timedelta(hours=3)
NIGHT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)  # 23:00
SUNDAY = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
FIRST, LAST = UUID(int=0), UUID(int=996)


READ = Reading(
    FIRST,
    "America/Los_Angeles",
    synced_at=MONDAY_NOON,
    full_at=MONDAY_NOON - timedelta(days=3),
    reconciled_at=MONDAY_NOON - timedelta(hours=10),
)


@pytest.mark.parametrize(
    ("now", "attended", "sparing", "minutes"),
    [
        (MONDAY_NOON, False, False, 60),
        (NIGHT, False, False, 240),
        (SUNDAY, False, False, 240),
        (MONDAY_NOON, True, False, 15),
        (NIGHT, True, False, 15),
        (MONDAY_NOON, False, True, 120),
        (MONDAY_NOON, True, True, 30),
    ],
)
def test_the_pause_follows_the_day_the_people_and_the_budget(
    now: datetime, minutes: int, *, attended: bool, sparing: bool
) -> None:
    assert pause_of(replace(READ, attended=attended, sparing=sparing), now) == timedelta(minutes=minutes)


def test_businesses_do_not_all_read_at_the_same_moment() -> None:
    assert pause_of(replace(READ, business_id=LAST), MONDAY_NOON) == timedelta(hours=1) * (1 + 996 / 997 / 10)


def test_a_first_sync_that_never_ended_is_due_once_a_day() -> None:
    for begun in (MONDAY_NOON, None):
        unread = replace(READ, synced_at=begun, full_at=None, reconciled_at=None)
        assert find_due(unread, MONDAY_NOON) == find_due(unread, SAME_EVENING) == Due(Kind.FULL, "first:2026-11-23")


def test_an_hour_after_the_last_one_the_changes_are_due() -> None:
    assert find_due(replace(READ, synced_at=MONDAY_NOON - timedelta(minutes=59)), MONDAY_NOON) is None
    due = find_due(replace(READ, synced_at=MONDAY_NOON - timedelta(minutes=61)), MONDAY_NOON)
    assert due is not None
    assert due.kind is Kind.INCREMENTAL


def test_two_schedulers_name_the_same_slot() -> None:
    one = find_due(replace(READ, synced_at=MONDAY_NOON - timedelta(hours=2)), MONDAY_NOON)
    other = find_due(replace(READ, synced_at=MONDAY_NOON - timedelta(hours=2)), MONDAY_NOON + timedelta(seconds=20))
    assert one == other


def test_the_second_look_comes_once_a_night() -> None:
    night = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # 01:00 in Portland
    before, after = night - timedelta(minutes=1), night + timedelta(minutes=1)
    fresh = replace(READ, synced_at=before)
    assert find_due(fresh, before) is None
    assert find_due(fresh, after) == Due(Kind.RECONCILE, "reconcile:2026-11-24")
    assert find_due(replace(fresh, reconciled_at=night), after) is None


def test_once_a_month_the_second_look_reads_everything() -> None:
    night = datetime(2026, 11, 24, 9, 1, tzinfo=UTC)
    due = find_due(replace(READ, full_at=night - timedelta(days=31)), night)
    assert due == Due(Kind.FULL, "full:2026-11-24")


def test_the_hour_that_a_clock_change_repeats_has_one_second_look() -> None:
    """1 November 2026, 01:00 in Portland happens twice."""
    first = datetime(2026, 11, 1, 8, 1, tzinfo=UTC)
    due = find_due(replace(READ, synced_at=first, reconciled_at=first - timedelta(days=1)), first)
    assert due is not None
    again = replace(READ, synced_at=first, reconciled_at=first)
    assert find_due(again, first + timedelta(hours=1)) is None
