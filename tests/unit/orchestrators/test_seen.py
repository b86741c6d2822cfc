"""What a button carries survives the journey, tells every change, and is refused when it is not ours."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.issues.catalogue import RecordKey, RecordKind
from domains.item_states import ItemKey
from kit.errors import Outdated
from orchestrators.references import LETTERS, find_key, ref_of
from orchestrators.seen import Seen
from tests.unit.domains.issue_records import a_bill, days

days_or_none = st.one_of(st.none(), st.dates())


@given(
    st.builds(
        Seen,
        digest=st.text("0123456789abcdef", min_size=32, max_size=32),
        balance=st.decimals(min_value=-(10**12), max_value=10**12, places=4),
        currency=st.sampled_from(["USD", "EUR"]),
        due=days_or_none,
        party=st.text(max_size=30),
        pay_on=days_or_none,
        breach=st.booleans(),
        drawn=days_or_none,
    )
)
def test_what_was_seen_is_read_back(seen: Seen) -> None:
    assert Seen.decode(seen.encode()) == seen


@pytest.mark.parametrize("text", ["", "x", "|||||", "d|1|USD|2026-13-01||0|5", "d|NaNx|USD|||0|5"])
def test_what_we_did_not_write_is_outdated(text: str) -> None:
    with pytest.raises(Outdated):
        Seen.decode(text)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"balance": Decimal("100.00")}, []),
        ({"balance": Decimal(99)}, ["balance"]),
        ({"due_date": days(11)}, ["due"]),
        ({"vendor_id": "57", "digest": "e"}, ["party"]),
        ({"digest": "e"}, ["lines"]),
        ({"balance": Decimal(99), "due_date": None}, ["balance", "due"]),
        ({"private_note": "seen", "sync_token": 9}, []),
    ],
)
def test_each_change_is_named(change: dict[str, Any], fields: list[str]) -> None:
    told = Seen.of(a_bill()).changes_to(Seen.of(a_bill(**change)))
    assert [one.field for one in told] == fields


def test_the_answer_is_no_part_of_the_record() -> None:
    first = Seen.of(a_bill(), pay_on=date(2026, 11, 26), breach=False)
    assert first.changes_to(Seen.of(a_bill(), pay_on=date(2026, 11, 27), breach=True)) == ()


@pytest.mark.parametrize("kind", sorted(RecordKind))
def test_every_kind_of_record_has_a_name_that_leads_back_to_it(kind: RecordKind) -> None:
    assert find_key(ref_of(kind, "145").ref) == RecordKey(kind, "145")
    assert len(set(LETTERS.values())) == len(LETTERS) == len(RecordKind)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("b-145", RecordKey(RecordKind.BILL, "145")),
        ("  I-9 ", RecordKey(RecordKind.INVOICE, "9")),
        ("145", None),
        ("Q-145", None),
        ("B-", None),
        ("B-1;DROP", None),
        ("B-1\nB-2", None),
    ],
)
def test_references_are_read_as_people_type_them(typed: str, key: RecordKey | None) -> None:
    assert find_key(typed) == key


@given(st.sampled_from(sorted(RecordKind)), st.text("abc0123:-", min_size=1, max_size=20))
def test_item_keys_survive_the_journey_whatever_the_id(kind: RecordKind, qbo_id: str) -> None:
    key = ItemKey.parse(f"{kind}:{qbo_id}:BAD_AMOUNT")
    assert key.record == RecordKey(kind, qbo_id)
    assert str(key) == f"{kind}:{qbo_id}:BAD_AMOUNT"


def test_what_was_seen_holds_for_three_days() -> None:
    seen = Seen.of(a_bill(), drawn=date(2026, 11, 23))
    assert not seen.expired(date(2026, 11, 26))
    assert seen.expired(date(2026, 11, 27))
    assert not Seen.of(a_bill()).expired(date(2026, 12, 31))
