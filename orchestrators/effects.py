"""What follows from a change: the redraws of all its copies, written in the same transaction."""

from collections.abc import Iterable

from sqlalchemy import select

from domains.decisions import Decision
from domains.issues.catalogue import RecordKind
from domains.messages import MessageSubjectRow
from kit.db import TenantSession
from kit.outbox import enqueue
from orchestrators.jobs import AnnounceDecision, Redraw
from orchestrators.references import ref_of

HOME, PAYLIST, WELCOME = "home", "paylist", "welcome"


async def redraw(session: TenantSession, subjects: Iterable[str], *, cause: str) -> None:
    """`cause` makes the key: the same change asks for the same redraw once."""
    for subject in dict.fromkeys(subjects):
        await enqueue(session, Redraw(subject=subject), key=f"redraw:{subject}:{cause}"[:200])


async def redraw_shown(session: TenantSession, subjects: Iterable[str], *, cause: str) -> None:
    """As `redraw`, for many subjects of which few stand in a message."""
    wanted = list(dict.fromkeys(subjects))
    for start in range(0, len(wanted), 5000):
        some = wanted[start : start + 5000]
        shown = select(MessageSubjectRow.subject).where(MessageSubjectRow.subject.in_(some)).distinct()
        await redraw(session, (await session.execute(shown)).scalars(), cause=cause)


async def announce(session: TenantSession, decision: Decision, *, voice: str = "") -> None:
    """People are told, and every copy of the card, the pay list and the homes are drawn again."""
    job = AnnounceDecision(decision_id=decision.id, phase=decision.phase)
    await enqueue(session, job, key=f"decision:{decision.id}:{decision.phase}:{voice}")
    bill = ref_of(RecordKind.BILL, decision.bill_id).ref
    await redraw(session, [bill, PAYLIST, HOME], cause=f"{decision.id}:{decision.phase}:{voice}")
