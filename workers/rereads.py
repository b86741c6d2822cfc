"""Work that needs QuickBooks itself before a person's wish can be carried out: re-reads, late approvals, notes."""

from zoneinfo import ZoneInfo

from bot.views.escape import Mrkdwn, spoken
from bot.views.outcomes import decision_said
from domains.books import Need
from domains.businesses import get_business
from domains.decisions import Decision, Phase, get_decision
from domains.issues.catalogue import RecordKind
from domains.mirror import Entity
from domains.people import find_person
from domains.policy import Writeback, get_policy
from domains.sync_history import Kind
from kit.db import TenantSession
from kit.errors import Refused
from kit.outbox import enqueue
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.jobs import AnswerResolve, ApproveAfterRead, Redraw, RefreshDesk, RereadRecord, WriteBack
from orchestrators.results.console import DecisionOutcome, OutcomeKind
from orchestrators.sync import OURS, order_sync
from workers import answers
from workers.actor import Work, handles
from workers.rendering import scene_of

UNREACHED = "{}: nothing was decided, because QuickBooks could not be asked for it. {} Try again in a few minutes."
# The copies that stand in messages say it by themselves.
SHOWN = frozenset({OutcomeKind.DECIDED, OutcomeKind.WAITING})
TAKEN_BACK = frozenset({Phase.CANCELLED, Phase.EXPIRED})


@handles(RereadRecord)
async def reread_record(job: RereadRecord, work: Work) -> None:
    """The card tells what came of it: gone when it was put right, open again when it was not."""
    asked_at = work.tools.clock.now()
    if job.kind == RecordKind.SYNC:
        async with work.unit() as session:
            await order_sync(session, Kind.INCREMENTAL, actor=OURS, key=f"resolve:{work.claim.id}")
            await enqueue(session, Redraw(subject=job.subject), key=f"redraw:{job.subject}:{work.claim.id}")
        return
    read = await work.tools.books.refresh_record(work.business_id, Entity(job.kind), job.qbo_id, actor=OURS)
    async with work.unit() as session:
        await enqueue(session, RefreshDesk(asked_at=asked_at.isoformat()), key=f"desk:{work.claim.id}")
        await enqueue(session, Redraw(subject=job.subject), key=f"redraw:{job.subject}:{work.claim.id}")
        if job.reply is not None:
            told = AnswerResolve(key=job.subject, reply=job.reply, failure=read.failure)
            await enqueue(session, told, key=f"answer:{work.claim.id}")


@handles(ApproveAfterRead)
async def approve_after_read(job: ApproveAfterRead, work: Work) -> None:
    """The same approval again, on the bill as it is now; a failure to read decides nothing and says so."""
    books, ref = work.tools.books, f"B-{job.bill_id}"
    bill = await books.refresh_record(work.business_id, Entity.BILL, job.bill_id, actor=job.slack_user)
    cash = await books.refresh_balances(work.business_id, need=Need.USABLE, actor=job.slack_user)
    failure = bill.failure or cash.failure
    if failure is not None:
        return await _tell(work, job, spoken(UNREACHED.format(ref, failure)))
    try:
        async with work.unit() as session:
            console = DecisionConsoleDataOrchestrator(session, work.tools.clock)
            outcome = await console.approve_after_read(job)
            await enqueue(session, Redraw(subject=ref), key=f"redraw:{ref}:{work.claim.id}")
            said = await _said(session, work, outcome)
    except Refused as refusal:
        return await _tell(work, job, spoken(str(refusal)))
    return await _tell(work, job, said, shown=outcome.kind in SHOWN)


async def _tell(work: Work, job: ApproveAfterRead, said: Mrkdwn, *, shown: bool = False) -> None:
    """In the private reply that was promised the answer; else beside the card, unless its copies say it anyway."""
    drawn = await answers.draw_decision(work, job, said) if job.reply is not None else None
    replaced = job.reply is not None and drawn is not None and await answers.replace_reply(work, job.reply, drawn)
    if not replaced and not shown:
        await answers.whisper(work, job.source, job.slack_user, said)


async def _said(session: TenantSession, work: Work, outcome: DecisionOutcome) -> Mrkdwn:
    return decision_said(outcome, await scene_of(session, work))


@handles(WriteBack)
async def write_back(job: WriteBack, work: Work) -> None:
    """Only while the policy still asks for it and the approval stands; once per decision, whatever restarts."""
    async with work.unit() as session:
        decision = await get_decision(session, job.decision_id)
        asked_for = (await get_policy(session)).policy.bill_writeback is Writeback.NOTE
        wanted = asked_for and decision.phase not in TAKEN_BACK
        note = await _note(session, work, decision)
    if wanted:
        intent = f"decision:{job.decision_id}:note"
        await work.tools.books.write_note(work.business_id, work.unit, decision.bill_id, note, intent=intent)


async def _note(session: TenantSession, work: Work, decision: Decision) -> str:
    """The reference makes it the note of this decision and of no other."""
    voices = [voice.by for voice in decision.voices] or [decision.decided_by or decision.changed_by]
    people = [await find_person(session, slack_user) for slack_user in voices]
    names = [person.name if person else slack_user for person, slack_user in zip(people, voices, strict=True)]
    zone = ZoneInfo((await get_business(session)).zone)
    on = (decision.decided_at or work.tools.clock.now()).astimezone(zone).date()
    return f"Approved by {' and '.join(names)} on {on.isoformat()} (Runway {decision.reference})"
