"""A record becomes a row with exact amounts, or is set aside with its reason; nothing in between."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from domains.mirror import Entity
from domains.qbo.mapping import Gone, Rejected, Row, read_row

BILL: dict[str, Any] = {
    "Id": "412",
    "SyncToken": "2",
    "MetaData": {"CreateTime": "2026-10-21T09:14:07-07:00", "LastUpdatedTime": "2026-11-03T16:20:45-08:00"},
    "VendorRef": {"value": "46", "name": "Northshore"},
    "TxnDate": "2026-10-21",
    "DueDate": "2026-11-20",
    "CurrencyRef": {"value": "CAD"},
    "ExchangeRate": 0.726,
    "Balance": 1250.0,
    "HomeBalance": 907.5,
    "TotalAmt": 2000.0,
    "Line": [],
    "NewFieldOf2027": {"kept": True},
}


def read(entity: Entity = Entity.BILL, **changes: Any) -> Row | Gone | Rejected:
    document = {key: value for key, value in {**BILL, **changes}.items() if value is not ...}
    return read_row(entity, Raw(json.dumps(document).encode()))


def test_columns_are_what_quickbooks_wrote() -> None:
    row = read()
    assert isinstance(row, Row)
    assert (row.qbo_id, row.sync_token, row.head.party_id, row.head.currency) == ("412", 2, "46", "CAD")
    assert (row.head.total, row.head.balance, row.head.home_balance) == (
        Decimal("2000.0"),
        Decimal("1250.0"),
        Decimal("907.5"),
    )
    assert row.head.exchange_rate == Decimal("0.726")
    assert row.last_updated == datetime(2026, 11, 4, 0, 20, 45, tzinfo=UTC)


def test_the_document_is_kept_byte_for_byte_with_keys_nobody_knows() -> None:
    body = json.dumps({**BILL, "Odd": "é\u2603"}, indent=3, ensure_ascii=False)
    row = read_row(Entity.BILL, Raw(body.encode()))
    assert isinstance(row, Row)
    assert row.document == body


def test_a_balance_without_its_home_value_is_converted_by_the_documents_own_rate() -> None:
    row = read(HomeBalance=...)
    assert isinstance(row, Row)
    assert row.head.home_balance == Decimal("907.50")


def test_books_with_one_currency_have_no_rate_and_need_none() -> None:
    row = read(HomeBalance=..., ExchangeRate=...)
    assert isinstance(row, Row)
    assert row.head.home_balance == Decimal(1250)


def test_amounts_never_pass_through_floats() -> None:
    body = json.dumps({**BILL, "TotalAmt": "X"}).replace('"X"', "10000000000000.0000001")
    row = read_row(Entity.BILL, Raw(body.encode()))
    assert isinstance(row, Row)
    assert row.head.total == Decimal("10000000000000.0000001")


@pytest.mark.parametrize(
    "changes",
    [
        {"Id": ...},
        {"Id": ""},
        {"Id": "9" * 31},
        {"SyncToken": ...},
        {"SyncToken": "-1"},
        {"SyncToken": "9" * 30},
        {"MetaData": ...},
        {"MetaData": {"LastUpdatedTime": "yesterday"}},
        {"MetaData": {"LastUpdatedTime": "2026-11-03T16:20:45"}},
        {"TxnDate": "2026-13-45"},
        {"TotalAmt": "NaN"},
        {"TotalAmt": 10**16},
        {"Balance": [1]},
        {"CurrencyRef": {"value": "dollars"}},
        {"VendorRef": "46"},
    ],
    ids=str,
)
def test_a_record_that_cannot_be_read_is_set_aside_with_its_reason(changes: dict[str, Any]) -> None:
    rejected = read(**changes)
    assert isinstance(rejected, Rejected)
    assert rejected.reason
    assert rejected.qbo_id
    assert json.loads(rejected.document)


def test_a_record_that_names_its_total_twice_is_refused() -> None:
    body = json.dumps(BILL).replace('"TotalAmt": 2000.0', '"TotalAmt": 2000.0, "TotalAmt": 1.0')
    assert isinstance(read_row(Entity.BILL, Raw(body.encode())), Rejected)


def test_keys_of_other_records_inside_of_one_are_not_its_own() -> None:
    row = read(
        Taken={"Id": "9", "SyncToken": "7", "TotalAmt": 1, "MetaData": {"LastUpdatedTime": "2020-01-01T00:00:00Z"}}
    )
    assert isinstance(row, Row)
    assert (row.sync_token, row.head.total) == (2, Decimal("2000.0"))


def test_a_key_without_a_value_is_a_key_that_is_missing() -> None:
    absent = read(DueDate=..., DocNumber=..., ExchangeRate=..., HomeBalance=..., SalesTermRef=..., Active=...)
    empty = read(
        DueDate=None, DocNumber=None, ExchangeRate=None, HomeBalance=None, SalesTermRef={"value": None}, Active=None
    )
    assert isinstance(absent, Row)
    assert isinstance(empty, Row)
    assert empty.head == absent.head


@pytest.mark.parametrize("entity", [Entity.COMPANY_INFO, Entity.PREFERENCES])
def test_what_there_is_one_of_needs_no_time_of_change(entity: Entity) -> None:
    assert isinstance(read(entity, MetaData=...), Row)
    assert isinstance(read(Entity.BILL, MetaData=...), Rejected)


@pytest.mark.parametrize("status", ["Deleted", "deleted"])
def test_a_deleted_stub_is_a_claim_and_not_a_row(status: str) -> None:
    stub = {"domain": "QBO", "status": status, "Id": "65", "MetaData": {"LastUpdatedTime": "2026-01-01T00:00:00Z"}}
    assert read_row(Entity.INVOICE, Raw(json.dumps(stub).encode())) == Gone(
        Entity.INVOICE, "65", datetime(2026, 1, 1, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("entity", "key", "value"),
    [
        (Entity.PAYMENT, "UnappliedAmt", 7),
        (Entity.CREDIT_MEMO, "RemainingCredit", 8),
        (Entity.ACCOUNT, "CurrentBalance", -9),
        (Entity.VENDOR, "Balance", 10),
    ],
)
def test_each_kind_has_its_own_word_for_what_is_left(entity: Entity, key: str, value: int) -> None:
    row = read(entity, **{"Balance": 1, key: value})
    assert isinstance(row, Row)
    assert row.head.balance == value


def test_a_transfer_has_an_amount_and_no_total() -> None:
    row = read(Entity.TRANSFER, TotalAmt=..., Amount=1500.0)
    assert isinstance(row, Row)
    assert row.head.total == 1500


def test_a_name_with_a_null_byte_does_not_stop_a_page() -> None:
    row = read(Entity.VENDOR, DisplayName="Ev\x00il <!channel> & Söhne")
    assert isinstance(row, Row)
    assert row.head.name == "Evil <!channel> & Söhne"


@given(st.binary(max_size=300))
def test_no_bytes_whatever_break_the_reader(noise: bytes) -> None:
    assert isinstance(read_row(Entity.BILL, Raw(noise)), Rejected)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(key=st.sampled_from([*BILL, "Active", "DocNumber", "SalesTermRef"]), value=json_values)
def test_any_field_may_be_nonsense_without_an_exception(key: str, value: Any) -> None:
    outcome = read(**{key: value})
    assert isinstance(outcome, Row | Rejected | Gone)
    if isinstance(outcome, Row):
        assert outcome.head.total is None or outcome.head.total.is_finite()
