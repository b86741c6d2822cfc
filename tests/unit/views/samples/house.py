"""Settings, roles, vendors, known items, audit, home, first steps, syncs."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.freshness import Freshness
from domains.known_items import KnownItem, Repeat, SetAside
from domains.people import Role
from domains.policy import DigestSettings, Policy
from domains.sync_history import Kind, RunState
from orchestrators.results.home import HomeResult, HomeTask, TaskKind
from orchestrators.results.onboarding import (
    EntityProgress,
    OnboardingResult,
    Step,
    StepLine,
    SyncProgressResult,
    SyncState,
)
from orchestrators.results.settings import (
    AuditLine,
    AuditResult,
    BankLine,
    KnownItemsView,
    PersonLine,
    SettingsAct,
    SettingsView,
    TierLine,
    TierPage,
)
from orchestrators.results.sync import EntityLine, RunLine, SyncStatusResult
from tests.unit.views.samples.base import ADVISOR, MEMBER, NOW, OWNER, Names, day, health, page, usd
from tests.unit.views.samples.desk import headline

ACTS = (SettingsAct.EDIT, SettingsAct.GRANT)
DIGEST = DigestSettings(weekday=1, hour=9, zone="America/New_York", channel="C0FINANCE", amounts_in_channel=True)


def settings(names: Names, **changes: Any) -> SettingsView:
    people = (
        PersonLine(OWNER, next(names), frozenset({Role.OWNER, Role.ADMIN}), None, None, None),
        PersonLine(ADVISOR, next(names), frozenset({Role.ADVISOR}), usd("2500"), day(0), day(30)),
        PersonLine(MEMBER, next(names), frozenset({Role.MEMBER}), None, None, None),
    )
    facts: dict[str, Any] = {
        "business_name": next(names),
        "zone": "America/New_York",
        "currency": "USD",
        "policy": Policy(floor_cash=Decimal(10000), digest=DIGEST),
        "version": 3,
        "changed_by": OWNER,
        "changed_at": NOW - timedelta(days=3),
        "people": people,
        "banks": (
            BankLine("35", next(names), usd("41000"), set_apart=False, held_for_others=False, asked=False),
            BankLine("36", next(names), usd("9000"), set_apart=True, held_for_others=False, asked=True),
            BankLine("37", next(names), usd("500"), set_apart=False, held_for_others=True, asked=False),
        ),
        "acts": ACTS,
    }
    return SettingsView(**(facts | changes))


def vendors(names: Names) -> TierPage:
    lines = (
        TierLine("7", next(names), 1, None, None, usd("1250"), OWNER),
        TierLine("8", next(names), None, 1, next(names), usd("900"), None),
        TierLine("9", next(names), None, None, None, None, None),
    )
    return TierPage(lines, page(12), unconfirmed=4, acts=ACTS)


def known(names: Names) -> KnownItemsView:
    items = (
        KnownItem(UUID(int=1), next(names), day(24), -usd("4000"), Repeat.QUARTERLY, None, OWNER),
        KnownItem(UUID(int=2), next(names), day(40), usd("15000"), None, None, ADVISOR),
    )
    return KnownItemsView(items, (SetAside(UUID(int=3), next(names), usd("3000"), OWNER),), "USD", ACTS)


def audit(names: Names, **changes: Any) -> AuditResult:
    acts = ("decision.approved", "decision.held", "tray.resolved", "policy.changed", "books.connected", "digest.posted")
    lines = tuple(
        AuditLine(at, NOW - timedelta(hours=at * 9), OWNER, act, "B-412", next(names), next(names), "command", ADVISOR)
        for at, act in enumerate(acts)
    )
    return AuditResult(**({"lines": lines, "subject": "B-412", "head": "ab" * 32} | changes))


def _ref(kind: TaskKind, number: int) -> str:
    return f"Bill:{number}:MISSING_DUE_DATE" if kind is TaskKind.ASSIGNED else f"B-{number}"


def home(names: Names, **changes: Any) -> HomeResult:
    one = {TaskKind.CONFIRM, TaskKind.MISMATCH, TaskKind.NOT_SEEN, TaskKind.ASSIGNED}
    tasks = tuple(
        HomeTask(kind, 1, _ref(kind, at), next(names), usd("1250"), day(6), OWNER) if kind in one else HomeTask(kind, 4)
        for at, kind in enumerate(TaskKind)
    )
    facts: dict[str, Any] = {"tasks": tasks, "headline": headline(), "may_manage": True, "roles": {Role.OWNER}}
    return HomeResult(**(facts | changes))


def first_steps(names: Names, done: int = 2) -> OnboardingResult:
    steps = tuple(StepLine(step, NOW if at < done else None) for at, step in enumerate(Step))
    ahead = list(Step)[done] if done < len(Step) else None
    return OnboardingResult(next(names), OWNER, steps, ahead, NOW + timedelta(days=2), (next(names), next(names)))


def progress(state: SyncState = SyncState.RUNNING, *, first: bool = True) -> SyncProgressResult:
    ended = None if state is SyncState.RUNNING else NOW
    return SyncProgressResult(
        run_id="r1",
        kind="full",
        state=state,
        first=first,
        entities=(
            EntityProgress("Bill", 1200, 3400),
            EntityProgress("Vendor", 80, 80),
            EntityProgress("Term", 0, None),
        ),
        done=1280,
        expected=3480,
        requests=14,
        started_at=NOW - timedelta(minutes=1),
        finished_at=ended,
        reason="QuickBooks asked us to wait." if state is SyncState.FAILED else None,
        reference="1-abc" if state is SyncState.FAILED else None,
        zone="America/New_York",
    )


def run_line(names: Names, state: RunState) -> RunLine:
    failed = state is RunState.FAILED
    return RunLine(
        run_id="r1",
        kind=Kind.FULL,
        actor="runway" if failed else OWNER,
        state=state,
        started_at=NOW - timedelta(hours=3),
        finished_at=None if state is RunState.RUNNING else NOW - timedelta(hours=2),
        requests=64,
        reads=64,
        changed=5200,
        deleted=2,
        reason=next(names) if failed else None,
        reference="1-abc" if failed else None,
    )


def sync_status(names: Names) -> SyncStatusResult:
    entities = tuple(
        EntityLine(entity, 1200, 3, at, NOW - timedelta(hours=2), Freshness.FRESH)
        for at, entity in enumerate(("Bill", "Invoice", "Vendor", "Customer", "Account"))
    )
    return SyncStatusResult(
        company=next(names),
        health=health(),
        entities=entities,
        runs=tuple(run_line(names, state) for state in (RunState.RUNNING, RunState.FAILED, RunState.SUCCEEDED)),
        reads_this_month=1834,
        last_success_at=NOW - timedelta(hours=2),
        consent_ends_at=NOW + timedelta(days=20),
        may_start=True,
    )
