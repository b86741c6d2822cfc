"""Vendors and customers as the mirror knows them."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from domains.documents import decode_name
from domains.mirror import Entity, RecordRow
from domains.reading import RecordNotMirrored, Stored, among, list_rows, shown
from kit.db import TenantSession
from kit.turns import in_turns


@dataclass(frozen=True, slots=True)
class Vendor:
    """`name` is for people: without the "(deleted)" that QuickBooks appends. `balance` is what we owe them."""

    id: str
    name: str
    active: bool
    currency: str
    balance: Decimal
    term_id: str | None
    email: str | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class Customer:
    """`balance` is owed by them. `parent_id` is set for jobs and sub-customers."""

    id: str
    name: str
    active: bool
    currency: str
    balance: Decimal
    term_id: str | None
    email: str | None
    parent_id: str | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class VendorService:
    """Bound to one business by its session; inactive vendors included, deleted ones only by id."""

    session: TenantSession

    async def list_vendors(self) -> list[Vendor]:
        return await in_turns(_vendor, await list_rows(self.session, Entity.VENDOR, order=(RecordRow.name,)))

    async def list_by_ids(self, ids: Collection[str]) -> list[Vendor]:
        rows = await list_rows(self.session, Entity.VENDOR, among(RecordRow.qbo_id, ids), deleted=True)
        return [_vendor(row) for row in rows]

    async def get_by_qbo_id(self, qbo_id: str) -> Vendor:
        """Raises `RecordNotMirrored`."""
        found = await self.list_by_ids([qbo_id])
        if not found:
            raise RecordNotMirrored(f"Vendor {qbo_id}")
        return found[0]


@dataclass(frozen=True, slots=True)
class CustomerService:
    """Bound to one business by its session; inactive customers included, deleted ones only by id."""

    session: TenantSession

    async def list_customers(self) -> list[Customer]:
        return await in_turns(_customer, await list_rows(self.session, Entity.CUSTOMER, order=(RecordRow.name,)))

    async def list_by_ids(self, ids: Collection[str]) -> list[Customer]:
        rows = await list_rows(self.session, Entity.CUSTOMER, among(RecordRow.qbo_id, ids), deleted=True)
        return [_customer(row) for row in rows]

    async def get_by_qbo_id(self, qbo_id: str) -> Customer:
        """Raises `RecordNotMirrored`."""
        found = await self.list_by_ids([qbo_id])
        if not found:
            raise RecordNotMirrored(f"Customer {qbo_id}")
        return found[0]


def _vendor(row: Stored) -> Vendor:
    return Vendor(
        row.qbo_id,
        shown(row.name, active=row.active),
        row.active,
        row.currency or "",
        row.balance or Decimal(0),
        row.term_id,
        _email(row),
        row.deleted_at is not None,
    )


def _customer(row: Stored) -> Customer:
    return Customer(
        row.qbo_id,
        shown(row.name, active=row.active),
        row.active,
        row.currency or "",
        row.balance or Decimal(0),
        row.term_id,
        _email(row),
        row.parent_id,
        row.deleted_at is not None,
    )


def _email(row: Stored) -> str | None:
    address = decode_name(row.document).primary_email_addr
    return (address.address or None) if address else None
