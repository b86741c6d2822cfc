"""Cash, burn, the two runway figures and the status."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from calculators.cash import count_cash
from calculators.inputs import (
    AccountKind,
    ApprovedPayment,
    CashAccount,
    CashPosition,
    MissingInput,
    MixedCurrencies,
    MovementKind,
    SetAside,
)
from calculators.runway import Burn, NotEnoughHistory, Status, calculate_runway, measure_burn, status_of
from tests.unit.calculators.books import TODAY, account, books, day, moved, quarter, usd


def test_the_golden_business_lasts_45_days_without_receipts_and_150_at_trend() -> None:
    result = calculate_runway(books(45_000, movements=quarter(91_000, 63_700)), TODAY)
    assert isinstance(result.burn, Burn)
    assert (result.burn.gross_burn, result.burn.cash_in, result.burn.net_burn) == usd(1000, 700, 300)
    assert (result.without_receipts, result.at_trend) == usd(45, 150)
    assert result.status is Status.HEALTHY


def test_only_active_bank_accounts_are_cash_and_the_rest_stands_apart() -> None:
    kinds = {AccountKind.BANK: 100, AccountKind.UNDEPOSITED: 20, AccountKind.CARD: -30, AccountKind.RESTRICTED: 4}
    position = CashPosition(
        tuple(account(balance, kind) for kind, balance in kinds.items()),
        (SetAside("s", "sales tax", Decimal(10)),),
        (ApprovedPayment("b", "Vendor", Decimal(5), day(1)),),
    )
    cash = count_cash(replace(books(), cash=position))
    assert (cash.cash_book, cash.undeposited, cash.cards, cash.restricted) == usd(100, 20, -30, 4)
    assert cash.available == 100 - 10 - 5


def test_foreign_accounts_count_at_their_rate_and_never_without_one() -> None:
    euro = CashAccount("e", "Euro", AccountKind.BANK, Decimal("10.01"), "EUR", Decimal("1.1"))
    given = replace(books(), cash=CashPosition((account(1), euro)))
    assert count_cash(given).cash_book == Decimal("12.01")
    with pytest.raises(MixedCurrencies) as caught:
        count_cash(replace(given, cash=CashPosition((replace(euro, rate=None),))))
    assert (caught.value.found, caught.value.home, caught.value.record_id) == ("EUR", "USD", "e")


@pytest.mark.parametrize("missing", ["cash", "movements"])
def test_a_set_that_was_not_loaded_is_never_taken_as_empty(missing: str) -> None:
    given = books(movements=quarter(91, 0))
    without = replace(given, cash=None) if missing == "cash" else replace(given, movements=None)
    with pytest.raises(MissingInput) as caught:
        calculate_runway(without, TODAY)
    assert caught.value.name == missing


def test_own_transfers_draws_loans_and_one_offs_are_excluded_and_listed() -> None:
    odd = tuple(
        moved(kind.value, day(-1), -500, kind=kind) for kind in MovementKind if kind is not MovementKind.OPERATING
    )
    burn = measure_burn((*quarter(9100, 910), *odd), TODAY)
    assert isinstance(burn, Burn)
    assert (burn.total_out.quantize(Decimal(1)), burn.total_in.quantize(Decimal(1))) == usd(9100, 910)
    assert {movement.id for movement in burn.excluded} == {movement.id for movement in odd}


@pytest.mark.parametrize(("oldest", "known"), [(-26, 27), (0, 1)])
def test_less_than_28_days_of_books_are_not_enough(oldest: int, known: int) -> None:
    result = calculate_runway(books(movements=(moved("a", day(oldest), -1),)), TODAY)
    assert result.burn == NotEnoughHistory(known, 28)
    assert (result.without_receipts, result.at_trend, result.status) == (None, None, Status.UNKNOWN)


def test_no_movements_at_all_and_future_ones_are_no_history() -> None:
    assert measure_burn((), TODAY) == NotEnoughHistory(0)
    assert measure_burn((moved("a", day(1), -1),), TODAY) == NotEnoughHistory(0)


def test_young_books_are_averaged_over_their_own_age() -> None:
    burn = measure_burn((moved("a", day(-27), -28), moved("b", day(0), -28)), TODAY)
    assert isinstance(burn, Burn)
    assert (burn.days, burn.start) == (28, day(-27))
    assert burn.gross_burn == 2


def test_the_window_is_91_days_with_today() -> None:
    outside, inside = moved("old", day(-91), -1000), moved("new", day(-90), -91)
    burn = measure_burn((outside, inside), TODAY)
    assert isinstance(burn, Burn)
    assert burn.spent == (inside,)
    assert burn.gross_burn == 1


def test_days_are_rounded_down_so_that_none_is_promised_in_vain() -> None:
    result = calculate_runway(books("1399.99", movements=quarter(9100, 0)), TODAY)
    assert result.without_receipts == Decimal("13.9")
    assert result.status is Status.CRITICAL


def test_money_gone_is_zero_days_and_cash_positive_is_none() -> None:
    result = calculate_runway(books(-5, movements=quarter(910, 1820)), TODAY)
    assert result.without_receipts == 0
    assert result.at_trend is None


def test_books_that_nobody_kept_for_a_quarter_say_nothing_about_spending() -> None:
    result = calculate_runway(books(1000, movements=(moved("a", TODAY - timedelta(days=200), -500),)), TODAY)
    assert result.burn == NotEnoughHistory(0)
    assert (result.without_receipts, result.status) == (None, Status.UNKNOWN)


def test_without_any_spend_there_is_no_end_in_sight() -> None:
    result = calculate_runway(books(1, movements=quarter(0, 91)), TODAY)
    assert (result.without_receipts, result.status) == (None, Status.STRONG)


@pytest.mark.parametrize(
    ("days", "below_floor", "status"),
    [
        ("13.9", None, Status.CRITICAL),
        ("14", None, Status.WARNING),
        ("29.9", None, Status.WARNING),
        ("30", None, Status.HEALTHY),
        ("89.9", None, Status.HEALTHY),
        ("90", None, Status.STRONG),
        ("200", day(14), Status.CRITICAL),
        ("200", day(15), Status.STRONG),
    ],
)
def test_status_thresholds(days: str, below_floor: date | None, status: Status) -> None:
    assert status_of(Decimal(days), TODAY, below_floor, known=True) is status


def test_a_floor_breach_is_critical_even_when_the_history_is_too_short() -> None:
    assert status_of(None, TODAY, day(3), known=False) is Status.CRITICAL
