"""Who did what, when, from which message: the chain as people read it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select

from domains.audit import AuditRow
from domains.businesses import get_business
from domains.decisions import DecisionRow, find_by_reference
from domains.issues.catalogue import RecordKey, RecordKind
from domains.item_states import ItemKey
from domains.people import Act, Caller, list_people, require
from kit.clock import local_today
from orchestrators.audit_facts import Setting, say_change
from orchestrators.base import BaseDataOrchestrator
from orchestrators.references import find_key, guess_key, ref_of
from orchestrators.results.settings import AuditLine, AuditResult

REFUSED = "request.refused"
OBJECTS = {RecordKind.INVOICE: "invoice", RecordKind.VENDOR: "vendor"}


@dataclass(frozen=True, slots=True)
class AuditOrchestrator(BaseDataOrchestrator):
    async def get_entries(self, caller: Caller, ref: str | None = None, *, limit: int = 20) -> AuditResult:
        """Newest first. `ref`: a record ("B-145"), a decision ("R-1A2B3C4D"), a person (<@U…>: their acts), "refused".

        Without one, what was refused is counted and left out.
        """
        await self.verify()
        await require(self.session, caller, Act.SEE, "see the audit log")
        condition = await self._about(ref) if ref else AuditRow.action != REFUSED
        statement = select(AuditRow).order_by(AuditRow.seq.desc()).limit(limit)
        named = condition is not None
        rows = list((await self.session.execute(statement.where(condition))).scalars()) if condition is not None else []
        business = await get_business(self.session)
        people = {person.slack_user: person.name for person in await list_people(self.session)}
        setting = Setting(business.currency, local_today(self.clock, ZoneInfo(business.zone)), people)
        lines = tuple(_line(row, setting) for row in rows)
        left_out = 0 if ref else await self._refused_since(rows[-1].seq if rows else 0)
        return AuditResult(lines, ref, await self._head(), named, left_out)

    async def _refused_since(self, seq: int) -> int:
        """Anybody can have a request refused any number of times: that must not bury what was done."""
        statement = select(func.count()).where(AuditRow.action == REFUSED, AuditRow.seq > seq)
        return int((await self.session.execute(statement)).scalar_one())

    async def _head(self) -> str | None:
        newest = select(AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)
        found = (await self.session.execute(newest)).scalar_one_or_none()
        return found.hex() if found else None

    async def _about(self, ref: str) -> ColumnElement[bool] | None:
        """None for what names nothing."""
        typed = ref.strip()
        if typed.lower() == "refused":
            return AuditRow.action == REFUSED
        if typed.startswith("<@") and typed.endswith(">"):
            return AuditRow.actor == typed[2:-1].partition("|")[0]
        decision = await find_by_reference(self.session, typed) if typed.upper().startswith("R-") else None
        if decision is not None:
            return _objects("decision", [str(decision.id)])
        key = find_key(typed) or guess_key(typed)
        return await self._about_record(key) if key else None

    async def _about_record(self, key: RecordKey) -> ColumnElement[bool]:
        items = and_(
            AuditRow.object_type == "item",
            AuditRow.object_id.startswith(f"{key.kind}:{key.qbo_id}:", autoescape=True),
        )
        if key.kind is RecordKind.BILL:
            statement = select(DecisionRow.id).where(DecisionRow.bill_id == key.qbo_id)
            decisions = (await self.session.execute(statement)).scalars()
            return or_(items, _objects("decision", [str(one) for one in decisions]))
        kind = OBJECTS.get(key.kind)
        return or_(items, _objects(kind, [key.qbo_id])) if kind else items


def _objects(kind: str, ids: list[str]) -> ColumnElement[bool]:
    return and_(AuditRow.object_type == kind, AuditRow.object_id.in_(ids))


def _line(row: AuditRow, setting: Setting) -> AuditLine:
    body: dict[str, Any] = json.loads(row.body)
    told = say_change(row.action, body["before"], body["after"], setting)
    return AuditLine(
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject=_subject(row, body["after"] or body["before"] or {}),
        before=told.before,
        after=told.after,
        source=body["source"],
        on_behalf_of=body["on_behalf_of"],
        code=ItemKey.parse(row.object_id).code if row.object_type == "item" else None,
    )


def _subject(row: AuditRow, facts: Mapping[str, Any]) -> str:
    if row.object_type == "decision" and "bill" in facts:
        return ref_of(RecordKind.BILL, facts["bill"]).ref
    if row.object_type == "item":
        record = ItemKey.parse(row.object_id).record
        return ref_of(record.kind, record.qbo_id).ref
    if row.object_type == "digest":
        return _week(row.object_id)
    if row.object_type == "person":
        return f"<@{row.object_id}>"
    for kind, name in OBJECTS.items():
        if name == row.object_type:
            return ref_of(kind, row.object_id).ref
    return str(facts.get("label", "")) or f"{row.object_type} {row.object_id}"


def _week(digest: str) -> str:
    """As in "week 48 of 2026": a digest is kept under its kind and its ISO week, "weekly:2026-W48.2"."""
    year, _, week = digest.partition(":")[2].partition(".")[0].partition("-W")
    return f"week {int(week)} of {year}" if week.isdecimal() else digest
