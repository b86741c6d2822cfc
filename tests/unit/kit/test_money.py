"""Amounts stay exact, stay in their currency, and are written as people read them."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import CurrencyMismatch, Money, format_money, sum_money

exact = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (usd("1250"), "$1,250.00"),
        (usd("-1250"), "-$1,250.00"),
        (usd("0"), "$0.00"),
        (usd("-0.001"), "$0.00"),
        (usd("0.125"), "$0.13"),
        (usd("-0.125"), "-$0.13"),
        (Money(Decimal("907.5"), "CAD"), "CA$907.50"),
        (Money(Decimal(5), "JPY"), "¥5.00"),
        (Money(Decimal("1234567.891"), "EUR"), "€1,234,567.89"),
    ],
)
def test_amounts_are_written_with_symbol_and_two_decimals(money: Money, written: str) -> None:
    assert format_money(money) == written


def test_another_locale_moves_the_symbol_but_keeps_two_decimals() -> None:
    assert format_money(usd("1250"), locale="de_DE") == "1.250,00\u00a0$"


@pytest.mark.parametrize("amount", [1.5, 1, True, "1.50", None])
def test_an_amount_that_is_not_a_decimal_is_refused(amount: Any) -> None:
    with pytest.raises(TypeError):
        Money(amount, "USD")


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_an_amount_must_be_finite(amount: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        Money(Decimal(amount), "USD")


@pytest.mark.parametrize("currency", ["", "usd", "US", "USDX", "ÜSD", "U$D1"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(Decimal(1), currency)


@pytest.mark.parametrize("factor", [0.5, True, "2", None])
def test_scaling_takes_exact_numbers_only(factor: Any) -> None:
    with pytest.raises(TypeError):
        _ = usd("10") * factor
    with pytest.raises(TypeError):
        _ = usd("10") / factor


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_two_currencies_never_meet(operation: str) -> None:
    with pytest.raises(CurrencyMismatch, match="USD and CAD"):
        getattr(usd("1"), operation)(Money(Decimal(1), "CAD"))


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__"])
def test_money_does_not_combine_with_bare_numbers(operation: str) -> None:
    with pytest.raises(TypeError):
        getattr(usd("1"), operation)(Decimal(1))


def test_equal_numbers_of_two_currencies_are_different_amounts() -> None:
    assert usd("1") != Money(Decimal(1), "CAD")
    assert usd("1.50") == usd("1.5")
    assert len({usd("1.50"), usd("1.5")}) == 1


def test_arithmetic_keeps_the_currency_and_every_digit() -> None:
    assert usd("0.1") + usd("0.2") == usd("0.3")
    assert usd("1") - usd("2.5") == -usd("1.5") == usd("-1.5")
    assert abs(usd("-3")) == usd("3")
    assert usd("1.005") * 2 == 2 * usd("1.005") == usd("2.010")
    assert usd("91") * Decimal("0.5") == usd("45.5")
    assert usd("91000") / 91 == usd("1000")


def test_amounts_order_by_size() -> None:
    assert usd("-1") < usd("0") <= usd("0") < usd("2")
    assert usd("2") > usd("1") >= usd("1")
    assert not usd("1") > usd("1")
    assert usd("0.01")
    assert not Money.zero("USD")


def test_halves_of_a_cent_round_away_from_zero() -> None:
    assert usd("0.005").cents() == usd("0.01")
    assert usd("-0.005").cents() == usd("-0.01")
    assert usd("2.675").cents().amount == Decimal("2.68")


def test_the_sum_of_nothing_is_a_zero_of_the_asked_currency() -> None:
    assert sum_money([], "CAD") == Money.zero("CAD")
    with pytest.raises(CurrencyMismatch):
        sum_money([usd("1")], "CAD")


@given(st.lists(exact))
def test_a_sum_equals_the_sum_of_its_amounts(amounts: list[Decimal]) -> None:
    assert sum_money((Money(amount, "USD") for amount in amounts), "USD").amount == sum(amounts, Decimal(0))


@given(exact, exact)
def test_what_is_added_can_be_taken_away(left: Decimal, right: Decimal) -> None:
    assert Money(left, "USD") + Money(right, "USD") - Money(right, "USD") == Money(left, "USD")
