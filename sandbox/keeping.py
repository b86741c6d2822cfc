"""Keeps what happened to the QuickBooks stand-in over a restart: grants, and every row that differs from the seed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sandbox.books import Company
from sandbox.books.company import Row
from sandbox.books.values import decode
from sandbox.qbo import QboSandbox
from sandbox.qbo.tokens import Grant

JsonObject = dict[str, Any]

_EVERY_SECONDS = 1.0
_MOMENTS = ("rotated_at", "idle_deadline", "hard_deadline")


class QboKeeper:
    """`today` is the day the books were first seeded: only the same day gives the same books again."""

    def __init__(self, path: Path | None, today: date) -> None:
        self._path = path
        self._saved: JsonObject = json.loads(path.read_text()) if path and path.exists() else {}
        self.today = date.fromisoformat(self._saved["today"]) if self._saved else today
        self._seeded: dict[str, dict[str, dict[str, bytes]]] = {}
        self._written = ""

    def restore(self, qbo: QboSandbox) -> None:
        for realm, company in qbo.companies.items():
            rows = {entity: {key: row.text for key, row in table.items()} for entity, table in company.tables.items()}
            self._seeded[realm] = rows
            _restore_rows(company, self._saved.get("companies", {}).get(realm, {}))
        qbo.tokens.grants += [_read_grant(one) for one in self._saved.get("grants", [])]
        self._saved = {}

    @asynccontextmanager
    async def saving(self, qbo: QboSandbox) -> AsyncIterator[None]:
        task = asyncio.create_task(self._keep_saving(qbo))
        try:
            yield
        finally:
            task.cancel()
            self.save(qbo)

    def save(self, qbo: QboSandbox) -> None:
        if self._path is None:
            return
        companies = {realm: self._changes(company) for realm, company in qbo.companies.items()}
        grants = [_write_grant(one) for one in qbo.tokens.grants]
        text = json.dumps({"today": self.today.isoformat(), "grants": grants, "companies": companies})
        if text != self._written:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self._path.with_suffix(".tmp")
            unfinished.write_text(text)
            unfinished.replace(self._path)
            self._written = text

    async def _keep_saving(self, qbo: QboSandbox) -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            self.save(qbo)

    def _changes(self, company: Company) -> JsonObject:
        rows, gone, stubs = {}, {}, {}
        seeded = self._seeded.get(company.realm, {})
        for entity, table in company.tables.items():
            known = seeded.get(entity, {})
            rows[entity] = [row.text.decode() for key, row in table.items() if row.text != known.get(key)]
            gone[entity] = [key for key in known if key not in table]
            stubs[entity] = [(row.id, row.text.decode(), row.updated) for row in company.tombstones[entity].values()]
        return {"rows": _filled(rows), "gone": _filled(gone), "stubs": _filled(stubs)}


def _filled(by_entity: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {entity: found for entity, found in by_entity.items() if found}


def _restore_rows(company: Company, saved: JsonObject) -> None:
    for entity, texts in saved.get("rows", {}).items():
        for text in texts:
            company.put(entity, decode(text.encode()))
    for entity, keys in saved.get("gone", {}).items():
        for key in keys:
            del company.tables[entity][key]
            company.versions[entity] += 1
    for entity, stubs in saved.get("stubs", {}).items():
        for key, text, updated in stubs:
            company.tombstones[entity][key] = Row(entity, key, text.encode(), updated)
    for entity, table in company.tables.items():
        numbers = [int(key) for key in (*table, *company.tombstones[entity]) if key.isdigit()]
        company.start_ids(entity, max(numbers, default=0))


def _write_grant(grant: Grant) -> JsonObject:
    row = asdict(grant)
    retired = {token: moment.isoformat() for token, moment in grant.retired.items()}
    return {**row, **{key: row[key].isoformat() for key in _MOMENTS}, "retired": retired}


def _read_grant(row: JsonObject) -> Grant:
    moments = {key: datetime.fromisoformat(row[key]) for key in _MOMENTS}
    retired = {token: datetime.fromisoformat(moment) for token, moment in row["retired"].items()}
    return Grant(**{**row, **moments, "retired": retired})
