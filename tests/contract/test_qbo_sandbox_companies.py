"""Every seeded character, on many seeds and days: its books tie out, also under everything people do to them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.books import CHARACTERS, Company, build, check
from sandbox.books.entities import TRANSACTIONS
from tests.contract.qbo_sandbox_world import TODAY
from tests.raised import company_of

pytestmark = pytest.mark.unmeasured

QUICK = [key for key in CHARACTERS if key not in {"five-thousand-bills", "dental", "saas", "wholesaler"}]


def seeded(key: str) -> Company:
    return company_of(key, seed=1, today=TODAY)


def size(key: str) -> int:
    return sum(len(seeded(key).tables[entity]) for entity in TRANSACTIONS)


@pytest.mark.parametrize("key", CHARACTERS)
def test_every_character_ties_out(key: str) -> None:
    assert check(seeded(key)) == []


@settings(max_examples=8, deadline=None)
@given(key=st.sampled_from(QUICK), seed=st.integers(2, 10_000), back=st.integers(0, 300))
def test_any_seed_ties_out_on_any_day(key: str, seed: int, back: int) -> None:
    assert check(build(key, seed, TODAY, until=TODAY - timedelta(days=back))) == []


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 3, 8), date(2027, 1, 1)])
def test_any_today_will_do(today: date) -> None:
    assert check(build("harbor-pine", 5, today)) == []


def test_there_are_at_least_twenty_characters_of_very_different_size() -> None:
    assert len(CHARACTERS) >= 20
    assert size("empty") == 0
    assert 0 < size("brand-new") < 100
    assert size("harbor-pine") > 600
    assert sum(b'"Balance":0,' not in row.text for row in seeded("five-thousand-bills").tables["Bill"].values()) > 4_900


def test_currencies_long_ids_and_strange_names_occur() -> None:
    importer, long_ids = seeded("importer"), seeded("long-ids")
    assert {doc["CurrencyRef"]["value"] for doc in importer.docs("Bill")} == {"USD", "CAD", "EUR"}
    assert all("HomeBalance" in doc for doc in importer.docs("Bill"))
    assert {len(row_id) for row_id in long_ids.tables["Bill"]} == {19}
    assert all("SourceSystemTag" in doc for doc in long_ids.docs("Bill"))
    assert not long_ids.name.isascii()
