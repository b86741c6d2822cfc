"""A digest's configuration: the factories, and that every field of it can be seen in what comes out."""

from dataclasses import FrozenInstanceError
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from orchestrators.digest_config import FULL_HISTORY, LAST_4_WEEKS, DigestConfig, TimeWindow, variant_of
from orchestrators.results.digest import Audience, Trigger, Variant

TODAY = date(2026, 11, 23)


def test_the_weekly_digest_tells_the_full_history_with_actions_and_a_hundred_issues() -> None:
    config = DigestConfig.weekly()
    assert (config.trigger_type, config.time_window) == (Trigger.WEEKLY, FULL_HISTORY)
    assert (config.preview_mode, config.show_actions, config.max_issues_shown) == (False, True, 100)


@pytest.mark.parametrize(
    ("asked", "variant", "window", "issues"),
    [
        ("A", Variant.A, LAST_4_WEEKS, 20),
        ("B", Variant.B, FULL_HISTORY, 50),
        ("C", Variant.A, LAST_4_WEEKS, 20),
        ("", Variant.A, LAST_4_WEEKS, 20),
        ("b", Variant.A, LAST_4_WEEKS, 20),
    ],
)
def test_a_test_drive_is_a_preview_without_actions_and_an_unknown_variant_is_a(
    asked: str, variant: Variant, window: TimeWindow, issues: int
) -> None:
    config = DigestConfig.for_test_drive(asked)
    assert (config.preview_mode, config.show_actions, config.trigger_type) == (True, False, Trigger.TEST_DRIVE)
    assert (config.experiment_variant, config.time_window, config.max_issues_shown) == (variant, window, issues)


def test_onboarding_previews_four_weeks_and_thirty_issues() -> None:
    config = DigestConfig.for_onboarding()
    assert (config.preview_mode, config.time_window, config.max_issues_shown) == (True, LAST_4_WEEKS, 30)


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        DigestConfig.weekly().max_issues_shown = 1  # type: ignore[misc]


def test_a_preview_is_for_one_person() -> None:
    preview = DigestConfig.weekly().previewed()
    assert preview.preview_mode
    assert preview.audience is Audience.OWNER_DM


def test_a_digest_that_shows_no_issue_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        DigestConfig(
            trigger_type=Trigger.WEEKLY,
            time_window=FULL_HISTORY,
            preview_mode=True,
            show_actions=False,
            show_historical_trends=False,
            max_issues_shown=0,
            priority_threshold=Decimal(0),
        )


def test_windows_include_both_ends() -> None:
    window = TimeWindow.custom(date(2026, 11, 1), date(2026, 11, 20))
    held = (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 20), date(2026, 11, 21))
    assert [window.holds(day, TODAY) for day in held] == [False, True, True, False]
    assert [LAST_4_WEEKS.holds(day, TODAY) for day in (date(2026, 10, 25), date(2026, 10, 26), TODAY)] == [
        False,
        True,
        True,
    ]
    assert FULL_HISTORY.holds(date(1999, 1, 1), TODAY)


def test_no_window_reaches_into_the_future() -> None:
    assert not FULL_HISTORY.holds(date(2026, 11, 24), TODAY)
    assert not TimeWindow.custom(date(2026, 1, 1), date(2027, 1, 1)).holds(date(2026, 11, 24), TODAY)


@pytest.mark.parametrize(
    "dates", [(date(2026, 1, 2), None), (None, date(2026, 1, 2)), (date(2026, 1, 2), date(2026, 1, 1))]
)
def test_a_custom_window_needs_both_ends_in_order(dates: tuple[date | None, date | None]) -> None:
    with pytest.raises(ValueError, match="window"):
        TimeWindow(TimeWindow.custom(TODAY, TODAY).kind, *dates)


def test_a_dated_window_must_be_custom() -> None:
    with pytest.raises(ValueError, match="window"):
        TimeWindow(FULL_HISTORY.kind, TODAY, TODAY)


def test_a_business_always_meets_the_same_variant_and_half_of_them_each() -> None:
    fixed = UUID("7d3f7a0e-5b0e-4b7e-9b53-1f0f4a1f7a11")
    assert {variant_of(fixed) for _ in range(10)} == {variant_of(fixed)}
    share = sum(variant_of(uuid4()) is Variant.B for _ in range(2000))
    assert 800 < share < 1200


def test_experiments_are_drawn_apart() -> None:
    businesses = [UUID(int=number) for number in range(200)]
    assert [variant_of(one) for one in businesses] != [variant_of(one, "another") for one in businesses]
