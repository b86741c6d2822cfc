"""A small company's books, written into the mirror as a sync writes them: QuickBooks's documents, read and stored."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from msgspec import Raw
from sqlalchemy.dialects.postgresql import insert

from domains.connections import ConnectionRow, ConnectionStatus
from domains.freshness import MEMBERS
from domains.mirror import Entity
from domains.people import Role, remember_person, set_roles
from domains.qbo.mapping import Row, read_row
from domains.qbo.storage import Origin, bury, store
from domains.sync_history import CursorRow, Kind
from kit.clock import FrozenClock
from kit.db import Database

MAYA, OMAR, ADA, MEL, AVA = "UMAYA", "UOMAR", "UADA", "UMEL", "UAVA"
TODAY = date(2026, 11, 23)


@dataclass(slots=True)
class Company:
    """Owners Maya and Omar, admin Ada, member Mel, advisor Ava. 45,000 in the bank, a payroll of 2,500 a week."""

    db: Database
    business: UUID
    clock: FrozenClock
    tokens: dict[tuple[Entity, str], int] = field(default_factory=dict)

    async def open(self, *, cash: int = 45_000, people: bool = True) -> "Company":
        if people:
            await self.staff()
        await self.put(
            (Entity.COMPANY_INFO, {"Id": "1", "CompanyName": "Harbor & Pine Studio"}),
            (Entity.PREFERENCES, {"Id": "1", "CurrencyPrefs": {"HomeCurrency": {"value": "USD"}}}),
            (Entity.ACCOUNT, account("35", "Checking", "Bank", cash)),
            (Entity.ACCOUNT, account("60", "Office Supplies", "Expense")),
            (Entity.ACCOUNT, account("61", "Payroll Expenses", "Expense")),
            (Entity.ACCOUNT, account("62", "Rent or Lease", "Expense")),
            (Entity.TERM, {"Id": "3", "Name": "Net 30", "DueDays": 30, "Type": "STANDARD", "Active": True}),
            (Entity.VENDOR, {"Id": "56", "DisplayName": "Northshore Print", "Active": True, "TermRef": {"value": "3"}}),
            (Entity.VENDOR, {"Id": "57", "DisplayName": "Pier Rent LLC", "Active": True, "TermRef": {"value": "3"}}),
            (Entity.CUSTOMER, {"Id": "8", "DisplayName": "Cool Cars", "Active": True}),
            *(payroll(week) for week in range(1, 27)),
        )
        await self.read()
        return self

    async def staff(self) -> None:
        roles = {MAYA: Role.OWNER, OMAR: Role.OWNER, ADA: Role.ADMIN, MEL: Role.MEMBER, AVA: Role.ADVISOR}
        async with self.db.tenant_session(self.business) as session:
            for person, role in roles.items():
                facts = {"zone": "UTC", "refused_as": None, "seen_at": self.clock.now()}
                await remember_person(session, person, name=person.title(), **facts)  # type: ignore[arg-type]
                await set_roles(session, person, [role], by="slack")

    async def put(self, *documents: tuple[Entity, dict[str, Any]]) -> None:
        """Store the documents as an incremental sync would, one version newer than before."""
        rows = [self._row(entity, document) for entity, document in documents]
        async with self.db.tenant_session(self.business) as session:
            await store(session, rows, self.clock.now(), self._origin())

    async def delete(self, entity: Entity, *ids: str) -> None:
        async with self.db.tenant_session(self.business) as session:
            await bury(session, entity, ids, self.clock.now(), self._origin())

    async def read(self) -> None:
        """QuickBooks was read whole this instant, and the link stands."""
        async with self.db.tenant_session(self.business) as session:
            seen = {"last_synced": self.clock.now(), "full_at": self.clock.now()}
            entities = {one for members in MEMBERS.values() for one in members}
            rows = [{"business_id": self.business, "entity": entity, **seen} for entity in sorted(entities)]
            statement = insert(CursorRow).values(rows)
            await session.execute(statement.on_conflict_do_update(index_elements=["business_id", "entity"], set_=seen))
            await session.execute(insert(ConnectionRow).values(self._link()).on_conflict_do_nothing())

    def _link(self) -> dict[str, Any]:
        return {
            "business_id": self.business,
            "realm_id": uuid4().hex,
            "status": ConnectionStatus.CONNECTED,
            "connected_by": MAYA,
            "connected_at": self.clock.now(),
        }

    def _origin(self) -> Origin:
        return Origin(Kind.INCREMENTAL, "runway", None, self.clock.now())

    def _row(self, entity: Entity, document: dict[str, Any]) -> Row:
        key = (entity, document["Id"])
        token = self.tokens[key] = self.tokens.get(key, -1) + 1
        updated = (self.clock.now() + timedelta(seconds=token)).isoformat()
        body = {**document, "SyncToken": str(token), "MetaData": {"LastUpdatedTime": updated}}
        row = read_row(entity, Raw(json.dumps(body, default=_plain).encode()))
        assert isinstance(row, Row), row
        return row


def _plain(value: object) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    assert isinstance(value, Decimal)
    return float(value)


def account(account_id: str, name: str, kind: str, balance: int = 0) -> dict[str, Any]:
    return {
        "Id": account_id,
        "Name": name,
        "FullyQualifiedName": name,
        "AccountType": kind,
        "AccountSubType": "Checking" if kind == "Bank" else None,
        "Active": True,
        "CurrentBalance": balance,
        "CurrencyRef": {"value": "USD"},
    }


def payroll(week: int) -> tuple[Entity, dict[str, Any]]:
    on = TODAY - timedelta(days=7 * week - 3)
    return purchase(f"P{week}", 2_500, on, account_id="61", vendor=None)


def purchase(
    purchase_id: str, amount: float, on: date, *, account_id: str = "60", vendor: str | None = "56", number: str = ""
) -> tuple[Entity, dict[str, Any]]:
    document: dict[str, Any] = {
        "Id": purchase_id,
        "TxnDate": on,
        "TotalAmt": amount,
        "PaymentType": "Check",
        "DocNumber": number,
        "AccountRef": {"value": "35"},
        "CurrencyRef": {"value": "USD"},
        "Line": [expense(amount, account_id)],
    }
    if vendor:
        document["EntityRef"] = {"value": vendor, "type": "Vendor"}
    return Entity.PURCHASE, document


def expense(amount: float, account_id: str | None) -> dict[str, Any]:
    detail = {"AccountRef": {"value": account_id}} if account_id else {}
    return {
        "Id": "1",
        "Amount": amount,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": detail,
    }


def bill(
    bill_id: str,
    amount: float,
    due: date | None,
    *,
    vendor: str | None = "56",
    issued: date | None = None,
    balance: float | None = None,
    number: str | None = None,
    account_id: str | None = "60",
    paid_by: Sequence[str] = (),
    note: str = "",
) -> tuple[Entity, dict[str, Any]]:
    document: dict[str, Any] = {
        "Id": bill_id,
        "TxnDate": issued or TODAY - timedelta(days=20),
        "DueDate": due,
        "TotalAmt": amount,
        "Balance": amount if balance is None else balance,
        "DocNumber": number if number is not None else f"N-{bill_id}",
        "CurrencyRef": {"value": "USD"},
        "PrivateNote": note,
        "Line": [expense(amount, account_id)],
        "LinkedTxn": [{"TxnId": payment, "TxnType": "BillPaymentCheck"} for payment in paid_by],
    }
    if vendor:
        document["VendorRef"] = {"value": vendor}
    return Entity.BILL, document


def bill_payment(payment_id: str, bill_id: str, amount: float, on: date) -> tuple[Entity, dict[str, Any]]:
    line = {"Amount": amount, "LinkedTxn": [{"TxnId": bill_id, "TxnType": "Bill"}]}
    return Entity.BILL_PAYMENT, {
        "Id": payment_id,
        "TxnDate": on,
        "TotalAmt": amount,
        "PayType": "Check",
        "VendorRef": {"value": "56"},
        "CheckPayment": {"BankAccountRef": {"value": "35"}},
        "CurrencyRef": {"value": "USD"},
        "Line": [line],
    }


def invoice(
    invoice_id: str,
    amount: float,
    due: date | None,
    *,
    customer: str | None = "8",
    email: str | None = "ap@cool.example",
) -> tuple[Entity, dict[str, Any]]:
    document: dict[str, Any] = {
        "Id": invoice_id,
        "TxnDate": TODAY - timedelta(days=40),
        "DueDate": due,
        "TotalAmt": amount,
        "Balance": amount,
        "DocNumber": f"1{invoice_id}",
        "CurrencyRef": {"value": "USD"},
        "EmailStatus": "EmailSent",
        "DeliveryInfo": {"DeliveryType": "Email", "DeliveryTime": "2026-10-14T08:00:00-07:00"},
        "Line": [],
    }
    if customer:
        document["CustomerRef"] = {"value": customer}
    if email:
        document["BillEmail"] = {"Address": email}
    return Entity.INVOICE, document
