"""What people do in QuickBooks between two syncs is in the mirror after the second, however they did it."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select

from domains.mirror import Entity, RecordRow, TransactionLogRow
from domains.qbo.changes import CUT_AT
from domains.qbo.client import SLOW_TRIES
from domains.qbo.entities import MANY
from domains.qbo.storage import Key
from domains.qbo.sync import Merge, Need
from domains.sync_history import Kind
from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database
from sandbox.books.bulk import bulk_bills
from sandbox.qbo import mutations
from sandbox.qbo.mischief import Plan, Trouble
from tests.integration.mirror.stage import Stage, differences, mirror, staged, truth


@pytest.fixture
async def synced(stage: Stage, business: UUID) -> Stage:
    await stage.sync(business, Kind.FULL)
    stage.clock.advance(timedelta(minutes=10))
    return stage


def act(stage: Stage, business: UUID, **mutation: Any) -> dict[str, Any]:
    return mutations.apply(stage.company(business), mutation, stage.clock.now())


def pick(stage: Stage, business: UUID, entity: Entity, **wanted: Any) -> str:
    rows = (row.doc() for row in stage.company(business).tables[entity].values())
    found = next(doc for doc in rows if all(doc.get(key) == value for key, value in wanted.items()))
    return str(found["Id"])


def open_one(stage: Stage, business: UUID, entity: Entity) -> str:
    rows = (row.doc() for row in stage.company(business).tables[entity].values())
    return str(next(doc["Id"] for doc in rows if doc["Balance"] > 0 and ("VendorRef" in doc or "CustomerRef" in doc)))


def unnamed(documents: dict[Any, Any]) -> dict[Any, Any]:
    """Without the names in references: QuickBooks resolves them when it is read, and says nothing when they change."""
    return {key: _unnamed(document) for key, document in documents.items()}


def _unnamed(value: Any) -> Any:
    if isinstance(value, list):
        return [_unnamed(part) for part in value]
    if isinstance(value, dict):
        reference = "value" in value and "name" in value
        return {key: _unnamed(part) for key, part in value.items() if not (reference and key == "name")}
    return value


async def equal(stage: Stage, business: UUID) -> list[str]:
    return differences(unnamed(truth(stage.company(business))), unnamed(await mirror(stage.db, business)))


async def test_a_day_of_work_arrives_with_one_sync(synced: Stage, business: UUID) -> None:
    bill, invoice = open_one(synced, business, Entity.BILL), open_one(synced, business, Entity.INVOICE)
    act(synced, business, op="pay_bill", id=bill)
    act(synced, business, op="receive_payment", id=invoice)
    act(
        synced, business, op="edit", entity="Bill", id=open_one(synced, business, Entity.BILL), set={"PrivateNote": "x"}
    )
    vendor = pick(synced, business, Entity.VENDOR, Balance=0, Active=True)
    act(synced, business, op="rename", entity="Vendor", id=vendor, name="Neu & Söhne")
    act(synced, business, op="inactivate", entity="Customer", id=pick(synced, business, Entity.CUSTOMER, Balance=0))
    await synced.sync(business)
    assert await equal(synced, business) == []


async def test_a_deleted_bill_becomes_a_tombstone_with_its_last_words(synced: Stage, business: UUID) -> None:
    bill = open_one(synced, business, Entity.BILL)
    act(synced, business, op="delete", entity="Bill", id=bill)
    await synced.sync(business)
    assert await equal(synced, business) == []
    async with synced.db.tenant_session(business) as session:
        row = (
            await session.execute(select(RecordRow).where(RecordRow.qbo_id == bill, RecordRow.entity == "Bill"))
        ).scalar_one()
        logged = select(TransactionLogRow).where(
            TransactionLogRow.qbo_id == bill, TransactionLogRow.action == "deleted"
        )
        entry = (await session.execute(logged)).scalar_one()
    assert row.deleted_at is not None
    assert (entry.before, entry.after) == (row.digest, None)


async def test_a_settled_deletion_is_not_asked_for_again(synced: Stage, business: UUID) -> None:
    act(synced, business, op="delete", entity="Bill", id=open_one(synced, business, Entity.BILL))
    await synced.sync(business)
    before = synced.requests(business)
    await synced.sync(business)
    assert synced.requests(business) - before == 1


@pytest.mark.parametrize("times", [SLOW_TRIES, 99])
async def test_changes_that_are_too_much_for_one_answer_are_asked_for_in_pieces(
    synced: Stage, business: UUID, times: int
) -> None:
    """First only all kinds together take too long, then even a single one."""
    act(synced, business, op="void", entity="Invoice", id=open_one(synced, business, Entity.INVOICE))
    act(synced, business, op="delete", entity="Transfer", id=pick(synced, business, Entity.TRANSFER))
    synced.sandbox.mischief.plans.append(Plan(Trouble.GATEWAY_TIMEOUT, times=times, endpoint="cdc"))
    await synced.sync(business)
    assert await equal(synced, business) == []


async def test_a_voided_invoice_is_no_longer_open(synced: Stage, business: UUID) -> None:
    invoice = open_one(synced, business, Entity.INVOICE)
    act(synced, business, op="void", entity="Invoice", id=invoice)
    await synced.sync(business)
    assert await equal(synced, business) == []


async def test_a_merge_moves_documents_to_the_name_that_stays(synced: Stage, business: UUID) -> None:
    kept, gone = _two_vendors(synced, business)
    act(synced, business, op="merge", entity="Vendor", id=gone, into=kept, stub=True)
    await synced.sync(business)
    assert await equal(synced, business) == []


async def test_documents_of_many_merged_names_are_searched_for_once(synced: Stage, business: UUID) -> None:
    vendors = [row.id for row in synced.company(business).tables["Vendor"].values()]
    for gone in vendors[1:4]:
        act(synced, business, op="merge", entity="Vendor", id=gone, into=vendors[0], stub=True)
    searches: list[str] = []

    def note(*facts: Any) -> None:
        searches.extend([facts[2]] if " ~ " in facts[2] else [])

    event.listen(synced.db.engine.sync_engine, "before_cursor_execute", note)
    await synced.sync(business)
    event.remove(synced.db.engine.sync_engine, "before_cursor_execute", note)
    assert await equal(synced, business) == []
    assert len(searches) == 1


async def test_a_merge_that_a_webhook_told_is_read_at_once(synced: Stage, business: UUID) -> None:
    kept, gone = _two_vendors(synced, business)
    act(synced, business, op="merge", entity="Vendor", id=gone, into=kept, stub=False)
    await synced.sync(business, merges=(Merge(Entity.VENDOR, kept, gone),))
    assert await equal(synced, business) == []


async def test_a_merge_that_nothing_told_is_found_by_the_nightly_count(synced: Stage, business: UUID) -> None:
    kept, gone = _two_vendors(synced, business)
    act(synced, business, op="merge", entity="Vendor", id=gone, into=kept, stub=False)
    await synced.sync(business, Kind.RECONCILE)
    assert await equal(synced, business) == []


async def test_a_merge_that_names_only_who_stays_is_found_by_counting(synced: Stage, business: UUID) -> None:
    kept, gone = _two_vendors(synced, business)
    act(synced, business, op="merge", entity="Vendor", id=gone, into=kept, stub=False)
    await synced.sync(business, merges=(Merge(Entity.VENDOR, kept, None),))
    assert await equal(synced, business) == []


@pytest.mark.parametrize("kind", [Kind.INCREMENTAL, Kind.RECONCILE])
async def test_a_merged_account_is_followed_into_the_lines_of_documents(
    synced: Stage, business: UUID, kind: Kind
) -> None:
    """A webhook tells of it, or the nightly count."""
    company = synced.company(business)
    gone, kept = _two_spending_accounts(synced, business)
    for entity in Entity:
        for row in list(company.tables[entity].values()):
            text = row.text.decode()
            if (repointed := _repointed(text, gone, kept)) != text:
                company.put(entity, json.loads(repointed, parse_float=Decimal))
    company.drop(Entity.ACCOUNT, gone, synced.clock.now(), stub=False)
    await synced.sync(business, kind, merges=(Merge(Entity.ACCOUNT, kept, gone),) if kind is Kind.INCREMENTAL else ())
    assert await equal(synced, business) == []


def _two_spending_accounts(stage: Stage, business: UUID) -> tuple[str, str]:
    """Two that lines of bills are booked on."""
    spent = re.compile(r'"AccountBasedExpenseLineDetail":.*?"AccountRef":\s*{[^{}]*"value":\s*"(\d+)"')
    bills = stage.company(business).tables[Entity.BILL].values()
    found = sorted({match for row in bills for match in spent.findall(row.text.decode())})
    return found[0], found[1]


def _repointed(text: str, gone: str, kept: str) -> str:
    return re.sub(rf'(AccountRef":\s*{{[^{{}}]*"value":\s*)"{gone}"', rf'\1"{kept}"', text)


def _two_vendors(stage: Stage, business: UUID) -> tuple[str, str]:
    """One that stays, and one with documents that goes."""
    company = stage.company(business)
    documents = [row.doc() for row in company.tables[Entity.BILL].values()]
    billed = {document["VendorRef"]["value"] for document in documents if "VendorRef" in document}
    rows = [row.doc() for row in company.tables[Entity.VENDOR].values()]
    gone = next(doc["Id"] for doc in rows if doc["Id"] in billed)
    return next(doc["Id"] for doc in rows if doc["Id"] != gone and doc["Active"] is True), gone


async def test_a_deposit_changes_the_payments_it_takes_along(synced: Stage, business: UUID) -> None:
    deposits = [row.doc() for row in synced.company(business).tables[Entity.DEPOSIT].values()]
    linked = next(doc for doc in deposits if any(line.get("LinkedTxn") for line in doc["Line"]))
    act(synced, business, op="delete", entity="Deposit", id=linked["Id"])
    await synced.sync(business)
    assert await equal(synced, business) == []


async def test_a_deposit_that_was_stored_without_its_payments_is_followed_by_the_next_sync(
    synced: Stage, business: UUID
) -> None:
    """As when it came with a later page of a first sync than they did."""
    company = synced.company(business)
    payments = [row.doc() for row in company.tables[Entity.PAYMENT].values()]
    taken = next(doc for doc in payments if not doc.get("LinkedTxn"))
    deposit = next(iter(company.tables[Entity.DEPOSIT].values())).doc()
    link = {"TxnId": taken["Id"], "TxnType": "Payment", "TxnLineId": "0"}
    deposit["Line"] = [*deposit["Line"], {"Amount": taken["TotalAmt"], "LinkedTxn": [link], "DepositLineDetail": {}}]
    company.put(Entity.DEPOSIT, deposit)
    act(synced, business, op="raw", entity="Deposit", id=deposit["Id"])
    company.put(Entity.PAYMENT, {**taken, "LinkedTxn": [{"TxnId": deposit["Id"], "TxnType": "Deposit"}]})
    key = Key(Entity.DEPOSIT, str(deposit["Id"]))
    await synced.service.ensure_record(business, key, need=Need.STRICT, actor="U1")
    await synced.sync(business)
    assert await equal(synced, business) == []


async def test_a_time_in_the_future_neither_moves_the_watermark_nor_hides_the_next_edit(
    synced: Stage, business: UUID
) -> None:
    account = pick(synced, business, Entity.ACCOUNT, AccountSubType="Checking")
    act(synced, business, op="stamp", entity="Account", id=account, days=30)
    await synced.sync(business)
    synced.clock.advance(timedelta(hours=1))
    act(synced, business, op="pay_bill", id=open_one(synced, business, Entity.BILL))
    await synced.sync(business)
    assert await equal(synced, business) == []


async def test_an_answer_that_was_cut_is_read_kind_by_kind(synced: Stage, business: UUID) -> None:
    touched = [(entity, row) for entity in MANY for row in _ids(synced, business, entity)]
    for entity, row in touched:
        act(synced, business, op="raw", entity=entity, id=row, set={"PrivateNote": "seen"})
    assert len(touched) > CUT_AT
    act(synced, business, op="delete", entity="Invoice", id=open_one(synced, business, Entity.INVOICE))
    before = synced.requests(business)
    await synced.sync(business)
    assert synced.requests(business) - before > len(MANY)
    assert await equal(synced, business) == []


async def test_a_kind_with_a_thousand_changes_is_paged_and_its_deletions_counted(
    db: Database, keyring: Keyring, clock: FrozenClock, business: UUID
) -> None:
    company = bulk_bills(1100, clock.now().date(), open_share=1.0)
    async with staged(db, keyring, clock, (company,)) as stage:
        await stage.connect(business, company.realm)
        await stage.sync(business, Kind.FULL)
        clock.advance(timedelta(minutes=10))
        ids = _ids(stage, business, Entity.BILL)
        for row in ids:
            act(stage, business, op="raw", entity="Bill", id=row, set={"PrivateNote": "seen"})
        act(stage, business, op="delete", entity="Bill", id=ids[500])
        await stage.sync(business)
        assert await equal(stage, business) == []


def _ids(stage: Stage, business: UUID, entity: Entity) -> list[str]:
    return [row.id for row in stage.company(business).tables[entity].values()]


async def test_after_a_gap_longer_than_quickbooks_remembers_everything_is_read_again(
    synced: Stage, business: UUID
) -> None:
    act(synced, business, op="delete", entity="Bill", id=open_one(synced, business, Entity.BILL))
    synced.clock.advance(timedelta(days=40))
    await synced.connect_again(business)
    await synced.sync(business)
    assert await equal(synced, business) == []


async def test_what_no_change_told_is_found_by_counting(synced: Stage, business: UUID) -> None:
    """A record that vanished without a trace: the weekly count differs, and every id is asked for."""
    company = synced.company(business)
    bill = open_one(synced, business, Entity.BILL)
    act(synced, business, op="delete", entity="Bill", id=bill)
    company.tombstones["Bill"].pop(bill)
    synced.clock.advance(timedelta(days=8))
    await synced.connect_again(business)
    await synced.sync(business, Kind.RECONCILE)
    assert await equal(synced, business) == []
