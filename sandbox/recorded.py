"""Serves a company from recorded answers: a folder of `query-<Entity>*.json` files, rows exactly as recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sandbox.books.chart import company_info, preferences
from sandbox.books.company import Company
from sandbox.books.entities import ENTITIES, NAME_LISTS, TRANSACTIONS
from sandbox.books.values import Doc, decode, meta, read_instant

_FILE = re.compile(r"query-([A-Za-z]+)(-.*)?\.json")
_PREFIX = "recorded:"


def load(source: str | Path, *, realm: str = "9341450000000001") -> Company:
    """Reads a folder, given as a path or as `recorded:PATH`.

    Entities without a file are empty. Several files of one entity are laid over each other, the later recording last:
    the folder need not be one consistent snapshot, and balances are served as recorded even where they do not tie out.
    CompanyInfo and Preferences are made up when nobody recorded them; `company.notes` says so.
    Raises FileNotFoundError when the folder holds no recorded answer.
    """
    folder = Path(str(source).removeprefix(_PREFIX)).expanduser()
    company = Company(realm, f"Recorded {folder.name}")
    recordings = sorted(_recordings(folder), key=lambda recording: recording[1])
    if not recordings:
        raise FileNotFoundError(f"no query-<Entity>.json in {folder}")
    for entity, _, rows in recordings:
        for row in rows:
            company.put(entity, row)
    _continue_ids(company)
    _identify(company, recordings[-1][1])
    return company


def _recordings(folder: Path) -> Iterator[tuple[str, datetime, list[Doc]]]:
    for path in sorted(folder.glob("query-*.json")):
        match = _FILE.fullmatch(path.name)
        if match is None or match.group(1) not in ENTITIES:
            continue
        answer = decode(path.read_bytes())
        at = read_instant(answer["time"]) if "time" in answer else datetime.min.replace(tzinfo=UTC)
        yield match.group(1), at, answer.get("QueryResponse", {}).get(match.group(1), [])


def _continue_ids(company: Company) -> None:
    """New rows get ids above every recorded one, sales forms and checks the next numbers."""
    for entity, rows in company.tables.items():
        if rows:
            company.start_ids(entity, max(int(row_id) for row_id in rows))
    for series, entities in (("sales", ("Invoice", "CreditMemo", "SalesReceipt")), ("checks", ("BillPayment",))):
        numbers = [
            int(doc["DocNumber"])
            for entity in entities
            for doc in company.docs(entity)
            if str(doc.get("DocNumber", "")).isdigit()
        ]
        company.start_numbers(series, max(numbers, default=1000))


def _identify(company: Company, recorded_at: datetime) -> None:
    known = company.tables["Preferences"]
    if known:
        currency = next(iter(known.values())).doc().get("CurrencyPrefs", {})
        company.multicurrency = bool(currency.get("MultiCurrencyEnabled"))
        company.currency = (currency.get("HomeCurrency") or {}).get("value", "USD")
    common: Doc = {"domain": "QBO", "sparse": False, "Id": "1", "SyncToken": "0", "MetaData": meta(recorded_at)}
    made_up = {"CompanyInfo": company_info(company, recorded_at, "Not recorded"), "Preferences": preferences(company)}
    for entity, doc in made_up.items():
        if not company.tables[entity]:
            company.put(entity, {**doc, **common})
            company.notes.append(f"{entity} was not recorded: a minimal one is made up")
    missing = [entity for entity in (*NAME_LISTS, *TRANSACTIONS) if not company.tables[entity]]
    company.notes.append(f"nothing recorded of {', '.join(missing)}")
