"""Renames, merges and inactivations: changes of a name that other documents show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.books.company import Change, Company, touch
from sandbox.books.entities import PEOPLE, REF_TARGETS, display_field
from sandbox.books.faults import business_rule, duplicate_name, object_not_found
from sandbox.books.values import Doc, amount, decimal, encode

DELETED_SUFFIX = " (deleted)"
_OPEN = {"Vendor": ("Bill", "VendorCredit", "BillPayment"), "Customer": ("Invoice", "CreditMemo", "Payment")}


def refuse_duplicate(company: Company, entity: str, doc: Doc) -> None:
    """DisplayName is unique across customers, vendors and employees; other names within their own list."""
    field = display_field(entity)
    wanted = str(doc.get(field, "")).casefold()
    for other in PEOPLE if entity in PEOPLE else (entity,):
        for known in company.docs(other):
            same = known["Id"] == doc.get("Id") and other == entity
            if not same and str(known.get(display_field(other), "")).casefold() == wanted:
                raise duplicate_name()


@dataclass(frozen=True, slots=True)
class _Repointing:
    """References to `old` in list `entity` become `new`, shown as `name`."""

    entity: str
    old: str
    new: str
    name: str

    def everywhere(self, company: Company) -> None:
        needle = b'"value":' + encode(self.old)
        for table, rows in company.tables.items():
            for row in rows.values():
                if needle not in row.text:
                    continue
                doc = row.doc()
                if self._point(doc, table):
                    row.text = encode(doc)
                    company.versions[table] += 1

    def _point(self, node: Any, table: str) -> bool:
        if isinstance(node, list):
            return sum(self._point(item, table) for item in node) > 0
        if not isinstance(node, dict):
            return False
        changed = False
        for key, value in node.items():
            if isinstance(value, dict) and value.get("value") == self.old and self._aims(key, value, node, table):
                value["value"] = self.new
                if "name" in value:
                    value["name"] = self.name
                changed = True
            elif isinstance(value, dict | list):
                changed = self._point(value, table) or changed
        return changed

    def _aims(self, key: str, value: Doc, holder: Doc, table: str) -> bool:
        if key == "EntityRef":
            return bool((value.get("type") or holder.get("Type")) == self.entity)
        return (table if key == "ParentRef" else REF_TARGETS.get(key)) == self.entity


def follow_name(company: Company, entity: str, row_id: str, name: str) -> None:
    """Names are resolved when a document is read: every document shows the new one, none counts as changed."""
    _Repointing(entity, row_id, row_id, name).everywhere(company)


def inactivate(company: Company, entity: str, row_id: str, at: datetime) -> Doc:
    """What "delete" means for a name: it stays, hidden, as "X (deleted)"."""
    doc = company.find(entity, row_id)
    if doc is None:
        raise object_not_found()
    if not doc.get("Active", True):
        return doc
    doc["Active"] = False
    for key in {"Name", "DisplayName", "FullyQualifiedName"} & doc.keys():
        doc[key] = f"{doc[key]}{DELETED_SUFFIX}"
    touch(doc, at, bump=True)
    company.put(entity, doc)
    follow_name(company, entity, row_id, doc[display_field(entity)])
    company.announce(Change(entity, row_id, "Delete", at))
    return doc


@dataclass(frozen=True, slots=True)
class Traces:
    """What a merge leaves to be seen, which nobody documents: nothing but the one that stays, changed.

    `stub`: a deleted row in change data capture. `hidden`: the one that went stays, inactive, under its own Id.
    `silent`: not even the one that stays counts as changed, as where no balance came to it.
    """

    stub: bool = False
    hidden: bool = False
    silent: bool = False


def merge(company: Company, entity: str, loser: str, winner: str, at: datetime, *, traces: Traces) -> Doc:
    """Fold one vendor or customer into another: its documents re-point, its Id disappears.

    The re-pointed documents show the other name without counting as changed; the webhook tells of the merge.
    """
    kept, gone = company.find(entity, winner), company.find(entity, loser)
    if kept is None or gone is None or winner == loser or entity not in _OPEN:
        raise object_not_found()
    if (kept.get("CurrencyRef") or {}).get("value") != (gone.get("CurrencyRef") or {}).get("value"):
        raise business_rule("Names with different currencies cannot be merged")
    _Repointing(entity, loser, winner, kept[display_field(entity)]).everywhere(company)
    for key in {"Balance", "BalanceWithJobs"} & kept.keys():
        kept[key] = amount(decimal(kept[key]) + decimal(gone.get(key)))
    if not traces.silent:
        touch(kept, at, bump=True)
    company.put(entity, kept)
    if traces.hidden:
        company.put(entity, {**gone, **dict.fromkeys({"Balance", "BalanceWithJobs"} & gone.keys(), amount(decimal(0)))})
        inactivate(company, entity, loser, at)
    else:
        company.drop(entity, loser, at, stub=traces.stub)
    company.announce(Change(entity, winner, "Merge", at, deleted_id=loser))
    return kept
