"""What waits for one person: their own queue first, then how the business stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from domains.accounts import Account, AccountService
from domains.decisions import Decision, Phase, list_changed_since
from domains.issues.catalogue import RecordKind
from domains.issues.ledger import home_open
from domains.issues.ready import is_to_collect
from domains.people import Act, Caller, Role, list_roles
from orchestrators.authority import Electorate, load_electorate
from orchestrators.base import BaseDataOrchestrator
from orchestrators.card_states import read_only, voices_of
from orchestrators.desk import Desk, key_of
from orchestrators.figures import headline_of
from orchestrators.references import ref_of
from orchestrators.results.basis import Link
from orchestrators.results.headline import HeadlineResult
from orchestrators.results.home import HomeResult, HomeTask, TaskKind

REMEMBERED = timedelta(days=14)
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class HomeOrchestrator(BaseDataOrchestrator):
    async def get_home(self, caller: Caller) -> HomeResult:
        """Never refuses: a person without rights gets an empty queue and no figures."""
        caller = Caller(caller.slack_user, await list_roles(self.session, caller.slack_user), caller.zone)
        desk = await self.load()
        electorate = await load_electorate(self.session, desk.rules, desk.today)
        recent = await list_changed_since(self.session, desk.health.now - REMEMBERED)
        headline = headline_of(desk) if caller.may(Act.SEE) else None
        spoken_for = await AccountService(self.session).list_spoken_for() if caller.may(Act.MANAGE) else []
        waiting = [
            *_link_tasks(desk, caller),
            *_account_tasks(spoken_for),
            *_named_tasks(desk, caller, electorate, recent),
            *(_counted_tasks(desk, headline, caller, electorate) if headline else ()),
        ]
        order = list(TaskKind)
        tasks = sorted(waiting, key=lambda task: order.index(task.kind))
        return HomeResult(tuple(tasks), headline, caller.may(Act.MANAGE), caller.roles)


def _link_tasks(desk: Desk, caller: Caller) -> Iterator[HomeTask]:
    if not caller.may(Act.MANAGE):
        return
    if desk.health.link is Link.NEEDS_RECONNECT:
        yield HomeTask(TaskKind.RECONNECT, 1)
    elif desk.health.link is not Link.CONNECTED:
        yield HomeTask(TaskKind.CONNECT, 1)
    if desk.health.last_run_failed:
        yield HomeTask(TaskKind.SYNC_FAILED, 1)


def _account_tasks(spoken_for: list[Account]) -> Iterator[HomeTask]:
    if spoken_for:
        yield HomeTask(TaskKind.CASH_ACCOUNTS, len(spoken_for), party=spoken_for[0].full_name)


def _named_tasks(desk: Desk, caller: Caller, electorate: Electorate, recent: list[Decision]) -> Iterator[HomeTask]:
    """One record each, the oldest first, ten of a kind at most."""
    confirm = [one for one in desk.decisions.values() if _waits_for(one, caller, electorate)]
    mismatch = [one for one in recent if one.phase is Phase.MISMATCH and _concerns(one, caller)]
    unseen = [one for one in desk.decisions.values() if one.phase is Phase.STALE and _concerns(one, caller)]
    kinds = {TaskKind.CONFIRM: confirm, TaskKind.MISMATCH: mismatch, TaskKind.NOT_SEEN: unseen}
    for kind, decisions in kinds.items():
        for one in sorted(decisions, key=lambda one: (one.created_at, one.id))[:MOST_NAMED]:
            yield _decision_task(kind, one)
    yield from _assigned_tasks(desk, caller)


def _assigned_tasks(desk: Desk, caller: Caller) -> Iterator[HomeTask]:
    mine = [
        issue
        for issue in desk.in_tray()
        if (state := desk.states.get(key_of(issue))) and state.standing.assignee == caller.slack_user
    ]
    for issue in mine[:MOST_NAMED]:
        yield HomeTask(
            kind=TaskKind.ASSIGNED,
            count=1,
            ref=str(key_of(issue)),
            party=issue.facts.party,
            due=issue.due,
        )


def _counted_tasks(desk: Desk, headline: HeadlineResult, caller: Caller, electorate: Electorate) -> Iterator[HomeTask]:
    counts = headline.counts
    approver = caller.may(Act.APPROVE) and electorate.may_approve(caller.slack_user)
    if counts.bills_ready and caller.may(Act.PROPOSE) and read_only(desk) is None:
        yield HomeTask(TaskKind.DECIDE, counts.bills_ready)
    if counts.paylist and approver:
        yield HomeTask(TaskKind.HAND_OFF, counts.paylist)
    if counts.tray and caller.may(Act.RESOLVE):
        yield HomeTask(TaskKind.TRAY, counts.tray)
    collect = sum(
        is_to_collect(
            one,
            home_balance=home_open(one, desk.currency),
            significant=desk.rules.significant_invoice,
            today=desk.today,
        )
        for one in desk.ready_invoices()
    )
    if collect and caller.may(Act.PROPOSE):
        yield HomeTask(TaskKind.COLLECT, collect, of=counts.invoices_ready)


def _waits_for(decision: Decision, caller: Caller, electorate: Electorate) -> bool:
    adds = electorate.may_add(caller.slack_user, decision.voices, decision.home_amount)
    return decision.phase is Phase.PROPOSED and adds


def _concerns(decision: Decision, caller: Caller) -> bool:
    spoke = {voice.by for voice in decision.voices} | {decision.created_by}
    return Role.OWNER in caller.roles or caller.slack_user in spoke


def _decision_task(kind: TaskKind, one: Decision) -> HomeTask:
    return HomeTask(
        kind=kind,
        count=1,
        ref=ref_of(RecordKind.BILL, one.bill_id).ref,
        party=one.judged.vendor,
        amount=one.judged.amount,
        due=one.judged.due,
        by=one.created_by,
        voices=() if kind is TaskKind.CONFIRM else voices_of(one),
    )
