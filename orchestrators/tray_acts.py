"""Taking a tray item in hand: its row made, locked and brought up to now before anybody moves it."""

from dataclasses import dataclass
from datetime import date

from domains.audit import lock_chain
from domains.issues.catalogue import Issue
from domains.item_states import ItemKey, ItemState, ItemStatus, Standing, find_state, move, open_items
from domains.people import Act, Caller, find_person, list_roles, require
from kit.clock import Clock
from kit.db import TenantSession
from kit.errors import Outdated, Refused
from kit.outbox import enqueue
from orchestrators.desk import Desk, effective_status, key_of
from orchestrators.effects import HOME, redraw
from orchestrators.jobs import AnnounceAssignment, RereadRecord, WaitingReply
from orchestrators.refusals import BadField

NOT_THERE = "There is no such item in the tray."
CHANGED = "This record changed in QuickBooks since the card was drawn. Nothing was done; here it is as it stands now."
LONGEST_SNOOZE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Taken:
    """A locked item. `issue` is None when the books do not show it any more."""

    issue: Issue | None
    state: ItemState

    def standing(self, status: ItemStatus) -> Standing:
        """The standing of a person's act, with the assignee kept and what is judged now."""
        judged = self.issue.judged if self.issue else self.state.standing.judged
        return Standing(status, self.state.standing.assignee, judged=judged)


def parse_key(text: str) -> ItemKey:
    try:
        return ItemKey.parse(text)
    except ValueError as error:
        raise Refused(NOT_THERE) from error


async def take(session: TenantSession, clock: Clock, desk: Desk, key: ItemKey) -> Taken:
    """Raises `Refused` for an item that was never there."""
    await lock_chain(session)
    issue = next((one for one in desk.issues if key_of(one) == key), None)
    if issue is not None:
        await open_items(session, [(key, issue.judged)], clock=clock)
    state = await find_state(session, key, lock=True)
    if state is None:
        raise Refused(NOT_THERE)
    return Taken(issue, await _up_to_now(session, clock, desk, issue, state))


async def _up_to_now(
    session: TenantSession, clock: Clock, desk: Desk, issue: Issue | None, state: ItemState
) -> ItemState:
    """Write down what counts already: an ended snooze, a dismissal of what has changed, an issue that came back."""
    if issue is None or state.status is effective_status(issue, state, desk.today):
        return state
    to = Standing(ItemStatus.OPEN, state.standing.assignee, judged=issue.judged)
    return await move(session, state, to, by="runway", source="desk", clock=clock)


async def allow(session: TenantSession, caller: Caller, state: ItemState) -> None:
    """Raises `NotAllowed`. A member may work on what is assigned to them."""
    if state.standing.assignee == caller.slack_user and await list_roles(session, caller.slack_user):
        return
    await require(session, caller, Act.RESOLVE, "work on this record")


def check_version(taken: Taken, version: str | None) -> None:
    """`version` None: a typed command, which saw no card."""
    if version is not None and taken.issue is not None and version != taken.issue.judged:
        raise Outdated(CHANGED)


async def check_assignee(session: TenantSession, slack_user: str) -> None:
    person = await find_person(session, slack_user)
    if person is None or person.refused_as is not None or not person.roles:
        raise BadField("to", f"<@{slack_user}> cannot be given work here. Choose somebody of this workspace.")


def check_snooze(until: date, today: date) -> None:
    if not 1 <= (until - today).days <= LONGEST_SNOOZE_DAYS:
        raise BadField("until", f"Choose a day from tomorrow to {LONGEST_SNOOZE_DAYS} days ahead.")


def check_reason(reason: str) -> str:
    text = reason.strip()
    if not text:
        raise BadField("reason", "Say in a few words why. It stands in the history.")
    return text[:500]


async def follow_up(session: TenantSession, state: ItemState, reply: WaitingReply | None = None) -> bool:
    """Redraw all copies; after a *resolve* ask QuickBooks for the record again. Returns whether that was asked."""
    key, cause = str(state.key), f"{state.changed_at.isoformat()}:{state.status}"
    await redraw(session, [key, HOME], cause=cause)
    if state.status is ItemStatus.ASSIGNED and state.standing.assignee:
        told = AnnounceAssignment(key=key, slack_user=state.standing.assignee)
        await enqueue(session, told, key=f"assigned:{key}:{state.changed_at.isoformat()}")
    if state.status is not ItemStatus.RESOLVED:
        return False
    record = state.key.record
    job = RereadRecord(kind=record.kind, qbo_id=record.qbo_id, subject=key, reply=reply)
    await enqueue(session, job, key=f"reread:{key}:{state.changed_at.isoformat()}")
    return True
