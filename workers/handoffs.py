"""The file of a hand-off on its way to the person who gave it out."""

import structlog

from bot.messenger.errors import AppRemoved, ChannelClosed, Unanswered
from bot.views.escape import mrkdwn
from bot.views.phrases import counted
from domains.decisions import list_in_batch
from domains.handoffs import find_handoff
from kit.errors import Busy
from orchestrators.jobs import SendHandoff
from workers.actor import Work, handles
from workers.sending import PAUSE_S, open_dm

log = structlog.get_logger(__name__)


@handles(SendHandoff)
async def send_handoff(job: SendHandoff, work: Work) -> None:
    """Until Slack says it has it: the same file twice harms nobody, a pay list nobody received does."""
    async with work.unit() as session:
        handoff = await find_handoff(session, job.batch_id)
        bills = await list_in_batch(session, job.batch_id)
    if handoff is None:
        raise LookupError(str(job.batch_id))
    channel = await open_dm(work, handoff.by)
    if channel is None:
        return
    note = str(mrkdwn("The pay list you handed off, {}. Give it to whoever pays.", counted(len(bills), "bill")))
    try:
        await work.tools.messenger.upload(
            work.business_id,
            channel,
            name=handoff.filename,
            title=handoff.filename,
            content=handoff.csv.encode(),
            note=note,
        )
    except (ChannelClosed, AppRemoved) as fault:
        log.warning("handoff.not_sent", fault=type(fault).__name__)
    except Unanswered as fault:
        raise Busy(str(fault), retry_after=PAUSE_S) from fault
    else:
        log.info("handoff.sent")
