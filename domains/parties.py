"""Vendors and customers as the mirror knows them."""

from dataclasses import dataclass
from decimal import Decimal


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
