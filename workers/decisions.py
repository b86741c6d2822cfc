"""What follows a decision or a sync: the desk settled, the people concerned told, their copies kept true."""

from dataclasses import replace
from datetime import datetime

from bot.views.blocks import Message
from bot.views.notices import draw_decision_notice, draw_left_behind
from bot.views.setting_changes import changes
from bot.views.tray_card import draw_tray_item
from domains.businesses import get_business
from domains.decisions import Decision, Phase, get_decision
from domains.issues.catalogue import RecordKind
from domains.messages import Posted
from domains.people import Role, list_people
from domains.policy import PolicyVersion, get_version
from kit.db import TenantSession
from kit.outbox import enqueue
from orchestrators.alerts import AlertOrchestrator
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.digest_schedule import plan
from orchestrators.jobs import AnnounceAssignment, AnnounceDecision, AnnouncePolicy, NudgeDecision, RefreshDesk
from orchestrators.notices import alert
from orchestrators.outgoing import ShowFirstSteps, TellApprovers
from orchestrators.references import ref_of
from orchestrators.results.console import BillCard
from orchestrators.results.notices import AlertKind, AlertLine, DecisionNoticeResult
from orchestrators.tray import HygieneTrayDataOrchestrator
from workers.actor import Work, handles
from workers.notices import redraw_turns
from workers.rendering import renders, scene_of
from workers.sending import Draft, say

DECISION, ASSIGNMENT = "decision", "assignment"
TOLD = frozenset({Phase.APPROVED, Phase.REJECTED, Phase.HELD, Phase.CANCELLED})
ALARMING = {Phase.EXPIRED: AlertKind.EXPIRED, Phase.MISMATCH: AlertKind.MISMATCH, Phase.STALE: AlertKind.NOT_SEEN}


@handles(RefreshDesk)
async def refresh_desk(job: RefreshDesk, work: Work) -> None:
    """The mirror changed: issues and decisions are settled first, then it is seen what that means for people."""
    clock, asked_at = work.tools.clock, datetime.fromisoformat(job.asked_at)
    async with work.unit() as session:
        await HygieneTrayDataOrchestrator(session, clock).reconcile_after_sync(asked_at)
        await DecisionConsoleDataOrchestrator(session, clock).after_sync()
    async with work.unit() as session:
        await AlertOrchestrator(session, clock).review()
        await enqueue(session, TellApprovers(), key=f"approvers:{work.claim.id}")
        await enqueue(session, ShowFirstSteps(), key=f"steps:{work.claim.id}")


@handles(AnnounceDecision)
async def announce(job: AnnounceDecision, work: Work) -> None:
    async with work.unit() as session:
        decision = await get_decision(session, job.decision_id)
        if decision.phase is Phase.PROPOSED:
            await enqueue(session, TellApprovers(), key=f"approvers:{work.claim.id}")
        await _alarm(session, work, decision)
        people = _concerned(decision) if decision.phase in TOLD else ()
    for person in people:
        await _tell(work, decision, person)


def _concerned(decision: Decision) -> tuple[str, ...]:
    """Whoever proposed it or said yes to it, except the person who did this."""
    voices = [voice.by for voice in decision.voices]
    everybody = dict.fromkeys(one for one in (decision.created_by, *voices, decision.decided_by) if one)
    return tuple(one for one in everybody if one not in (decision.changed_by, "runway"))


async def _alarm(session: TenantSession, work: Work, decision: Decision) -> None:
    """The books disagree with what was decided: whoever decided it and the owners should look."""
    kind = ALARMING.get(decision.phase)
    if kind is None:
        return
    ref, judged = ref_of(RecordKind.BILL, decision.bill_id).ref, decision.judged
    line = AlertLine(
        kind,
        subject=f"{kind}:{decision.id}",
        ref=ref,
        party=judged.vendor,
        amount=decision.seen_amount or judged.amount,
        on=decision.seen_on or decision.pay_on,
        detail=decision.reason,
    )
    deciders = {voice.by for voice in decision.voices} | {decision.created_by}
    owners = {one.slack_user for one in await list_people(session) if Role.OWNER in one.roles}
    await alert(session, work.tools.clock, sorted(deciders | owners), line)


async def _tell(work: Work, decision: Decision, person: str) -> None:
    ref = ref_of(RecordKind.BILL, decision.bill_id).ref
    draft = Draft(DECISION, f"{DECISION}:{decision.id}:{person}", person, [ref], {"key": ref}, counted=True)
    if not await say(work, draft):
        line = AlertLine(AlertKind.DECIDED, subject=f"decided:{decision.id}", ref=ref, party=decision.judged.vendor)
        async with work.unit() as session:
            await alert(session, work.tools.clock, [person], line)


@handles(NudgeDecision)
async def nudge(job: NudgeDecision, work: Work) -> None:
    async with work.unit() as session:
        await _alarm(session, work, await get_decision(session, job.decision_id))


@handles(AnnounceAssignment)
async def announce_assignment(job: AnnounceAssignment, work: Work) -> None:
    key = f"{ASSIGNMENT}:{job.key}:{job.slack_user}"
    if not await say(work, Draft(ASSIGNMENT, key, job.slack_user, [job.key], {"key": job.key}, counted=True)):
        line = AlertLine(AlertKind.ASSIGNED, subject=f"assigned:{job.key}", ref=job.key)
        async with work.unit() as session:
            await alert(session, work.tools.clock, [job.slack_user], line)


@handles(AnnouncePolicy)
async def announce_policy(job: AnnouncePolicy, work: Work) -> None:
    """All owners but the one who did it; a new digest hour is planned at once, and open cards say what now holds."""
    async with work.unit() as session:
        await plan(session, work.tools.clock)
        await enqueue(session, ShowFirstSteps(), key=f"steps:{work.claim.id}")
        await redraw_turns(session, work)
        saved = await get_version(session, job.version)
        owners = [one.slack_user for one in await list_people(session) if Role.OWNER in one.roles]
        told = [owner for owner in owners if owner != saved.changed_by]
        if told:
            line = AlertLine(
                AlertKind.POLICY_CHANGED,
                subject=f"policy:{job.version}",
                ref=str(job.version),
                party=saved.changed_by,
                detail=await _what_changed(session, saved),
            )
            await alert(session, work.tools.clock, told, line)


async def _what_changed(session: TenantSession, saved: PolicyVersion) -> str:
    """Each rule with its old and its new value; who may approve within a limit is told as such."""
    before = await get_version(session, saved.version - 1)
    old, new = before.policy, saved.policy
    same_channel = replace(new, digest=replace(new.digest, channel=old.digest.channel))
    told: list[str] = list(changes(old, same_channel, (await get_business(session)).currency))
    told += ["The digest goes to another channel."] if old.digest.channel != new.digest.channel else []
    told += ["Who may approve up to which amount: see “Roles”."] if old.delegations != new.delegations else []
    told += ["Which bank accounts count as cash."] if old.restricted_accounts != new.restricted_accounts else []
    return " ".join(told)


# -- cards that stand in messages --------------------------------------------


@renders(DECISION)
async def render_decision(session: TenantSession, work: Work, copy: Posted) -> Message | None:
    key = copy.params["key"]
    card = await DecisionConsoleDataOrchestrator(session, work.tools.clock).find_card(None, key)
    if card is None:
        return draw_left_behind(key)
    if not isinstance(card, BillCard):
        return None
    return draw_decision_notice(DecisionNoticeResult(card, copy.person or ""), await scene_of(session, work))


@renders(ASSIGNMENT)
async def render_tray_item(session: TenantSession, work: Work, copy: Posted) -> Message | None:
    item = await HygieneTrayDataOrchestrator(session, work.tools.clock).get_item(None, copy.params["key"])
    return draw_tray_item(item, await scene_of(session, work))
