"""What a digest is made of: the tray and the console, the cash balances, and the digest of the week before."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from kit.db import Database
from orchestrators import payload
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.digest import DigestDataOrchestrator
from orchestrators.digest_config import DigestConfig, TimeWindow
from orchestrators.digest_runs import RunKind, RunState, claim_period, get_run, step
from orchestrators.digest_sources import DigestSources, load_sources
from orchestrators.forecast import ForecastOrchestrator
from orchestrators.headline import HeadlineOrchestrator
from orchestrators.results.digest import Audience, DigestResult, Period, Trigger, Variant
from orchestrators.results.forecast import Figure
from orchestrators.tray import HygieneTrayDataOrchestrator
from tests.integration.desk.company import MAYA, TODAY, Company, bill, invoice
from tests.integration.desk.conftest import caller, open_company
from tests.integration.digest.conftest import MONDAY_AT_NINE, configure

ROOT = Path(__file__).parents[3]
FOREIGN = ("sync", "bills", "invoices", "documents", "mirror", "books", "qbo", "reading", "payables", "receivables")


@pytest.fixture(scope="module")
async def busy(db: Database) -> Company:
    """Something of everything; a digest is only read here."""
    company = await open_company(db)
    await company.put(
        *(bill(f"{number}", 500 + 91 * number, TODAY + timedelta(days=number % 20)) for number in range(12)),
        *(bill(f"9{number}", 2_000 + 333 * number, None) for number in range(4)),
        invoice("9", 3_000, TODAY - timedelta(days=40)),
        invoice("8", 800, TODAY - timedelta(days=2)),
    )
    return company


async def digest(company: Company, config: DigestConfig) -> DigestResult:
    async with company.db.tenant_session(company.business) as session:
        return await DigestDataOrchestrator(session, company.clock).get_digest_data(config)


async def test_its_counts_are_those_of_tray_and_console_at_the_same_moment(busy: Company) -> None:
    result = await digest(busy, DigestConfig.weekly())
    async with busy.db.tenant_session(busy.business) as session:
        tray = await HygieneTrayDataOrchestrator(session, busy.clock).get_hygiene_data(caller(MAYA), per_page=100)
        console = await DecisionConsoleDataOrchestrator(session, busy.clock).get_decision_data(caller(MAYA))
        headline = await HeadlineOrchestrator(session, busy.clock).get_headline(caller(MAYA))
        forecast = await ForecastOrchestrator(session, busy.clock).get_forecast(caller(MAYA))
    assert result.counts == console.counts
    assert (result.issues_total, result.data_quality) == (tray.page.total, tray.data_quality)
    assert [one.key for one in result.issues] == [one.key for one in tray.items]
    assert (result.decisions_total, result.chase_total) == (console.counts.bills_ready, console.counts.invoices_ready)
    assert (result.cash, result.runway, result.low_water) == (headline.cash, headline.runway, headline.low_water)
    assert result.outlook == forecast.outlook
    assert result.counts.open_bills == 16


async def test_an_invoice_that_the_tray_holds_for_paid_is_chased_last_until_somebody_says_otherwise(
    company: Company,
) -> None:
    entity, old = invoice("7", 9_000, TODAY - timedelta(days=300))
    await company.put((entity, old | {"TxnDate": TODAY - timedelta(days=330)}))
    await company.put(invoice("9", 300, TODAY - timedelta(days=10)))
    assert [one.card.record.ref for one in (await digest(company, DigestConfig.weekly())).chase] == ["I-9", "I-7"]
    async with company.db.tenant_session(company.business) as session:
        tray = HygieneTrayDataOrchestrator(session, company.clock)
        await tray.dismiss(caller(MAYA), "Invoice:7:STALE_OPEN", None, reason="They do owe it.", source="x")
    assert [one.card.record.ref for one in (await digest(company, DigestConfig.weekly())).chase] == ["I-7", "I-9"]


def imports_of(module: str) -> set[str]:
    tree = ast.parse((ROOT / "orchestrators" / f"{module}.py").read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return {f"{node.module}.{name.name}" for node in found for name in node.names}


@pytest.mark.parametrize("module", ["digest", "digest_sources", "digest_parts", "digest_figures"])
def test_no_module_of_the_digest_can_reach_a_sync_or_a_bill(module: str) -> None:
    reached = {name.split(".")[1] for name in imports_of(module) if name.startswith(("domains.", "orchestrators."))}
    assert reached.isdisjoint(FOREIGN)


async def test_its_own_statements_touch_neither_books_nor_syncs(busy: Company) -> None:
    """Everything of the books comes from the sources, which are asked once; the rest is the digest's own."""
    async with busy.db.tenant_session(busy.business) as session:
        real = await load_sources(session, busy.clock)
        told = await _recorded(real)
        with statements(session) as seen:
            await DigestDataOrchestrator(session, busy.clock, None, told).get_digest_data(DigestConfig.weekly())
    tables = {
        table for statement in seen for table in ("records", "record_lines", "sync_", "postings") if table in statement
    }
    assert tables == set()
    assert any("digest_runs" in statement for statement in seen)


@contextmanager
def statements(session: Any) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = session.bind.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


class Told:
    """A source that was asked before: it repeats its answers and asks nobody."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        async def answer(*_args: Any, **_facts: Any) -> Any:
            return self._answers[name]

        return answer


async def _recorded(real: DigestSources) -> DigestSources:
    bills = await real.console.get_decision_data(None)
    answers = {
        "get_hygiene_data": await real.tray.get_hygiene_data(None),
        "get_decision_data": bills,
        "list_decided": (),
        "get_headline": await real.headline.get_headline(None),
        "get_forecast": await real.forecast.get_forecast(None),
        "why": await real.forecast.why(None, Figure.OPEN_BILLS),
        "list_insights": (),
        "list_movements": [],
    }
    return DigestSources(*(Told(answers) for _ in fields(DigestSources)))


# -- every field of the configuration can be seen ------------------------------

BASE = DigestConfig.weekly()
VARIED: dict[str, DigestConfig] = {
    "trigger_type": replace(BASE, trigger_type=Trigger.ONBOARDING),
    "time_window": replace(BASE, time_window=TimeWindow.custom(TODAY - timedelta(days=90), TODAY - timedelta(days=60))),
    "preview_mode": replace(BASE, preview_mode=True),
    "show_actions": replace(BASE, show_actions=False),
    "show_historical_trends": replace(BASE, show_historical_trends=False),
    "max_issues_shown": replace(BASE, max_issues_shown=2),
    "priority_threshold": replace(BASE, priority_threshold=Decimal(1_000)),
    "include_recommendations": replace(BASE, include_recommendations=False),
    "experiment_variant": replace(BASE, experiment_variant=Variant.B),
    "audience": replace(BASE, audience=Audience.OWNER_DM),
}


def test_every_field_is_varied() -> None:
    assert VARIED.keys() == {one.name for one in fields(DigestConfig)}


@pytest.fixture(scope="module")
async def second_week(busy: Company) -> Company:
    await _week_before(busy)
    return busy


@pytest.mark.parametrize("field", VARIED)
async def test_every_field_has_an_effect_and_none_on_the_figures(second_week: Company, field: str) -> None:
    plain, varied = await digest(second_week, BASE), await digest(second_week, VARIED[field])
    assert varied != plain
    figures = ("cash", "runway", "low_water", "outlook", "counts", "issues_total", "decisions_total", "data_quality")
    assert [getattr(varied, name) for name in figures] == [getattr(plain, name) for name in figures]


async def _week_before(company: Company) -> None:
    """A stored digest, a decision since, and amounts that only the owner may see."""
    await configure(company, replace(MONDAY_AT_NINE, amounts_in_channel=False))
    company.clock.advance(-timedelta(days=7))
    async with company.db.tenant_session(company.business) as session:
        built = await DigestDataOrchestrator(session, company.clock).build(BASE)
        period = str(Period.of(TODAY - timedelta(days=7)))
        run_id = await claim_period(
            session, kind=RunKind.WEEKLY, period=period, due_at=company.clock.now(), by="runway"
        )
        assert run_id is not None
        facts = {"figures": payload.dump(built.figures), "built_at": company.clock.now()}
        await step(session, await get_run(session, run_id), RunState.BUILT, company.clock, **facts)
    company.clock.advance(timedelta(days=7))
