"""The weekly digest, carried out: ordered by the clock, built and posted by whichever worker takes the row."""

from uuid import UUID

import structlog

from bot.messenger import Place
from bot.messenger.errors import AppRemoved, ChannelClosed, Unanswered
from bot.tools import Tools
from bot.views.blocks import Message
from bot.views.digest import draw_digest
from domains.messages import Posted
from kit.db import TenantSession
from kit.errors import Busy, VendorFault
from orchestrators import payload
from orchestrators.digest_delivery import MESSAGE_KIND, DigestDelivery, Parcel
from orchestrators.digest_runs import SkipReason, get_run
from orchestrators.digest_schedule import enqueue_due
from orchestrators.outgoing import DeliverDigest
from orchestrators.results.digest import DigestResult
from workers.actor import Work, handles
from workers.rendering import renders, scene_of
from workers.sending import open_dm
from workers.ticks import every

log = structlog.get_logger(__name__)


@every(30)
async def order_digests(tools: Tools) -> None:
    ordered = await enqueue_due(tools.db, tools.clock)
    if ordered:
        log.info("digest.ordered", count=ordered)


@handles(DeliverDigest)
async def deliver(job: DeliverDigest, work: Work) -> None:
    """(a) build and keep, (b) post without a transaction, (c) write down where it stands."""
    run_id = UUID(job.run_id)
    async with work.unit() as session:
        parcel = await DigestDelivery(session, work.tools.clock).prepare(run_id)
        scene = await scene_of(session, work)
    if parcel is None:
        return None
    channel = await _channel(work, parcel)
    if channel is None:
        return await _give_up(work, run_id, SkipReason.DESTINATION_BROKEN)
    message = draw_digest(parcel.result, scene)
    async with work.unit() as session:  # nothing may stand between this commit and the post
        await DigestDelivery(session, work.tools.clock).begin(run_id, channel)
    return await _post(work, run_id, channel, message)


async def _channel(work: Work, parcel: Parcel) -> str | None:
    destination = parcel.destination
    return destination.channel if destination.person is None else await open_dm(work, destination.person)


async def _post(work: Work, run_id: UUID, channel: str, message: Message) -> None:
    try:
        place = await work.tools.messenger.post(work.business_id, channel, message)
    except Busy:
        async with work.unit() as session:
            await DigestDelivery(session, work.tools.clock).not_sent(run_id)
        raise
    except Unanswered as fault:
        log.warning("digest.in_doubt", run_id=str(run_id), fault=fault.detail.code)
        async with work.unit() as session:
            await DigestDelivery(session, work.tools.clock).lose(run_id)
    except (ChannelClosed, AppRemoved, VendorFault) as fault:
        await _give_up(work, run_id, _reason(fault))
    else:
        await _arrived(work, run_id, place)


async def _arrived(work: Work, run_id: UUID, place: Place) -> None:
    async with work.unit() as session:
        await DigestDelivery(session, work.tools.clock).arrived(run_id, channel=place.channel, ts=place.ts)
    log.info("digest.posted", run_id=str(run_id))


def _reason(fault: VendorFault) -> SkipReason:
    match fault:
        case ChannelClosed():
            return SkipReason.DESTINATION_BROKEN
        case AppRemoved():
            return SkipReason.APP_REMOVED
        case _:
            return SkipReason.REFUSED_BY_SLACK


async def _give_up(work: Work, run_id: UUID, reason: SkipReason) -> None:
    async with work.unit() as session:
        await DigestDelivery(session, work.tools.clock).skip(run_id, reason)
    log.warning("digest.skipped", run_id=str(run_id), reason=reason)


@renders(MESSAGE_KIND)
async def render_digest(session: TenantSession, work: Work, copy: Posted) -> Message | None:
    """A digest is of its week: it is drawn again from what was kept, never from the books of now."""
    run = await get_run(session, UUID(copy.params["run_id"]))
    return draw_digest(payload.load(run.payload, DigestResult), await scene_of(session, work))
