"""Books of any size can be read: a question about many records has one argument, not one a record."""

import json
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text

from domains.movements import MovementService
from domains.payables import BillService
from domains.settlements import SettlementService
from kit.clock import FrozenClock
from kit.db import Database

MANY = 33_000  # Postgres takes at most 32,767 arguments
DAY = date(2026, 11, 2)
ACCOUNT = json.dumps({"AccountType": "Bank", "Classification": "Asset"})
PUT = """
INSERT INTO records (business_id, entity, qbo_id, sync_token, last_updated, as_of, last_synced, digest, active, name,
  party_id, kind, txn_date, due_date, total, balance, document)
SELECT :business, :entity, id, 0, now(), now(), now(), '', true, 'Name ' || id, :party || id, :kind, :day, :day,
  10, 0, replace(:document, '#', id::text)
FROM generate_series(1, :count) id
"""
POST = """
INSERT INTO postings (business_id, entity, qbo_id, leg, txn_date, account_id, amount, home_amount, settles)
SELECT :business, 'BillPayment', id, 0, :day, '1', -10, -10, false FROM generate_series(1, :count) id
"""
KINDS = [
    ("Account", 1, "Bank", ACCOUNT),
    ("Vendor", MANY, None, "{}"),
    ("Bill", MANY, None, '{"Id": "#", "LinkedTxn": [{"TxnId": "#", "TxnType": "BillPaymentCheck"}]}'),
    ("BillPayment", MANY, None, '{"Id": "#"}'),
]


@pytest.fixture
async def large(db: Database, business: UUID) -> UUID:
    async with db.tenant_session(business) as session:
        own = {"business": business, "day": DAY}
        for entity, count, kind, document in KINDS:
            what = {"entity": entity, "party": "", "kind": kind, "document": document, "count": count}
            await session.execute(text(PUT), own | what)
        await session.execute(text(POST), own | {"count": MANY})
    return business


async def test_books_with_many_documents_and_names_are_read_whole(
    db: Database, clock: FrozenClock, large: UUID
) -> None:
    async with db.tenant_session(large) as session:
        movements = await MovementService(session, clock).list_movements(DAY)
        settlements = await SettlementService(session).list_bill_settlements(DAY)
        bills = await BillService(session).list_open_or_dated_since(DAY)
    assert len(movements) == len(settlements) == len(bills) == MANY
    assert {bill.vendor_name for bill in bills} == {f"Name {id_}" for id_ in range(1, MANY + 1)}
    assert all(one.party_name for one in movements)
