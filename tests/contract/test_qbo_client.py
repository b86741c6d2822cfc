"""Our reader against answers that QuickBooks really gave, and a recorded company read through the whole road."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domains.accounts import AccountService, CashRole
from domains.mirror import Entity
from domains.movements import MovementService
from domains.moving import MovementKind
from domains.payables import BillService
from domains.qbo import wire
from domains.qbo.entities import find_entity
from domains.qbo.faults import AccessLost, ObjectGone, QboFault, TokenRejected, error_of, find_fault
from domains.qbo.mapping import Gone, Row, read_rows
from domains.receivables import InvoiceService
from domains.sync_history import Kind
from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database
from sandbox.recorded import load
from tests.integration.mirror.stage import differences, mirror, staged, truth

SHARED = Path(__file__).parents[3] / "shared" / "data" / "qbo"
COMPANY, HTTP, XML = SHARED / "craigs-2026", SHARED / "recorded-http-2020", SHARED / "xml-fixtures"
pytestmark = pytest.mark.skipif(not COMPANY.is_dir(), reason=f"no recorded answers under {SHARED.name}")
PAGES = sorted(COMPANY.glob("query-*.json"))


def answers(name: str) -> list[tuple[int, bytes]]:
    recorded = json.loads((HTTP / f"{name}.json").read_text())
    return [(one["response"]["status"]["code"], _body(one["response"]["body"])) for one in recorded]


def _body(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


@pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])
def test_every_recorded_row_is_read(path: Path) -> None:
    page = wire.read_page(path.read_bytes())
    assert page.time is not None
    assert page.time.tzinfo is UTC
    for name, raws in page.rows.items():
        entity = find_entity(name)
        if entity is not None:
            rows = read_rows(entity, raws)
            assert [row for row in rows if not isinstance(row, Row)] == []
            assert [json.loads(row.document) for row in rows if isinstance(row, Row)] == [
                json.loads(bytes(raw)) for raw in raws
            ]


def test_a_count_is_a_total_without_rows() -> None:
    _, body = answers("all-vendors_by_5")[0]
    page = wire.read_page(body)
    assert (page.size, page.total) == (0, json.loads(body)["QueryResponse"]["totalCount"])


def test_recorded_changes_are_read_kind_by_kind() -> None:
    _, body = answers("cdc-basic")[0]
    page = wire.read_changes(body)
    assert page.time is not None
    assert page.size == sum(len(rows) for rows in page.rows.values()) > 0


def test_a_recorded_batch_keeps_its_items_apart() -> None:
    _, body = answers("batch-basic")[0]
    items, time = wire.read_batch(body)
    assert time is not None
    assert len(items) == len(json.loads(body)["BatchItemResponse"])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("error-401", TokenRejected),
        ("error-400", QboFault),
        ("error-400_json", QboFault),
        ("error-500", QboFault),
        ("error-validation", QboFault),
    ],
)
def test_recorded_faults_are_what_they_were(name: str, kind: type[Exception]) -> None:
    status, body = answers(name)[-1]
    fault = find_fault(status, {}, body)
    assert fault is not None
    assert fault.code is not None
    assert type(error_of(fault)) is kind


def test_no_recorded_success_is_taken_for_a_fault() -> None:
    for path in HTTP.glob("*.json"):
        for status, body in answers(path.stem):
            if status == 200 and b'"Fault"' not in body:
                assert find_fault(status, {}, body) is None


def test_recorded_xml_faults_are_understood_though_json_was_asked_for() -> None:
    found = {path.stem: find_fault(400, {}, path.read_bytes()) for path in XML.glob("*.xml")}
    codes = {name: fault.code for name, fault in found.items() if fault and fault.code}
    assert codes["customer_duplicate_error"] == 6240
    assert codes["query_validation_error"] == 4001
    assert codes["generic_error"] == 10000


def test_what_a_deletion_answers_is_a_claim() -> None:
    body = next(body for _, body in answers("delete-invoice") if b"Deleted" in body)
    (row,) = read_rows(Entity.INVOICE, wire.read_one(body, "Invoice").rows["Invoice"])
    assert isinstance(row, Gone)


def test_lost_access_and_missing_records_have_classes_of_their_own() -> None:
    lower = b'{"fault":{"error":[{"message":"ApplicationAuthorizationFailed; errorCode=003100"}],"type":"SERVICE"}}'
    fault = find_fault(403, {}, lower)
    assert fault is not None
    assert isinstance(error_of(fault), AccessLost)
    gone = find_fault(
        400, {}, b'{"Fault":{"Error":[{"Message":"Object Not Found","code":"610"}],"type":"ValidationFault"}}'
    )
    assert gone is not None
    assert isinstance(error_of(gone), ObjectGone)


async def test_the_recorded_company_is_mirrored_and_its_identities_hold(
    db: Database, keyring: Keyring, business: UUID
) -> None:
    clock = FrozenClock(datetime(2026, 5, 6, 12, 0, tzinfo=UTC))
    company = load(COMPANY, realm="9130000000000009")
    async with staged(db, keyring, clock, (company,)) as stage:
        await stage.connect(business, company.realm)
        await stage.sync(business, Kind.FULL)
        assert differences(truth(company), await mirror(db, business)) == []
    async with db.tenant_session(business) as session:
        bills, invoices = await BillService(session).list_open(), await InvoiceService(session).list_open()
        accounts = await AccountService(session).list_accounts()
        movements = await MovementService(session, clock).list_movements(date(2025, 1, 1))
    raw = {path.stem: json.loads(path.read_text(), parse_float=Decimal) for path in PAGES}
    assert sum(bill.balance for bill in bills) == _open(raw, "Bill")
    assert sum(invoice.balance for invoice in invoices) == _open(raw, "Invoice")
    payable = next(account for account in accounts if account.type == "Accounts Payable" and account.balance)
    assert payable.balance == Decimal("2202.67")
    assert {account.cash_role for account in accounts if account.name == "Mastercard"} == {CashRole.CARD}
    payoff = [one for one in movements if one.record_id == "139"]
    assert {one.kind for one in payoff} == {MovementKind.OPERATING}
    assert sum(one.amount for one in payoff) == -900
    by_card = [
        doc for doc in raw["query-BillPayment"]["QueryResponse"]["BillPayment"] if doc["PayType"] == "CreditCard"
    ]
    assert -sum(one.amount for one in payoff if one.settles_document) == sum(doc["TotalAmt"] for doc in by_card)
    opening = [one for one in movements if one.record_id == "4" and one.entity == "Deposit"]
    assert [one.kind for one in opening] == [MovementKind.ONE_OFF]
    split = {
        one.kind: one.amount
        for one in movements
        if one.entity == "Deposit" and one.record_id == "121" and not one.settles_document
    }
    assert set(split) == {MovementKind.OWN_TRANSFER}


def _open(raw: dict[str, Any], entity: str) -> Decimal:
    rows = raw[f"query-{entity}"]["QueryResponse"][entity]
    return sum((Decimal(row["Balance"]) for row in rows), Decimal(0))
