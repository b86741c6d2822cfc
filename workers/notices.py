"""Telling people: alerts and turns, each in the one message of a person's day, at an hour they can be told."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.tools import Tools
from bot.views.blocks import Message
from bot.views.notices import draw_alerts, draw_your_turn
from domains import messages
from domains.businesses import BusinessStatus, list_businesses
from domains.messages import Posted, Standing
from domains.people import find_person
from kit.clock import local_today
from kit.db import TenantSession
from kit.errors import Busy
from kit.outbox import enqueue
from orchestrators.alerts import AlertOrchestrator
from orchestrators.notices import LOUD, count_post, get_manners, list_lines, order_telling
from orchestrators.outgoing import ReviewAlerts, TellApprovers, TellPerson, TellTurn
from orchestrators.results.notices import AlertsResult
from orchestrators.seen import CARD_HOLDS
from orchestrators.turns import TurnOrchestrator
from orchestrators.untold import ALERTS
from workers.actor import Work, handles
from workers.redraw import has_successor
from workers.rendering import renders, scene_of
from workers.sending import Draft, order_redraw, say
from workers.ticks import every

YOUR_TURN = "your_turn"
EARLIER_REDRAWN = 4
RETIRED = "retired"

log = structlog.get_logger(__name__)


@every(900)
async def review_everybody(tools: Tools) -> None:
    """Time alone makes things alarming: a due date passes, a second yes does not come."""
    async with tools.db.system_session() as session:
        active = [one.id for one in await list_businesses(session) if one.status is BusinessStatus.ACTIVE]
    slot = tools.clock.now().strftime("%Y-%m-%dT%H")
    for business in active:
        try:
            async with tools.db.tenant_session(business) as session:
                await enqueue(session, ReviewAlerts(), key=f"review:{slot}")
        except Busy:
            log.info("review.not_ordered", business_id=str(business))  # asked again within the hour


@handles(ReviewAlerts)
async def review(_job: ReviewAlerts, work: Work) -> None:
    async with work.unit() as session:
        await AlertOrchestrator(session, work.tools.clock).review()


@handles(TellPerson)
async def tell_person(job: TellPerson, work: Work) -> None:
    day = date.fromisoformat(job.day)
    async with work.unit() as session:
        wanted = not await has_successor(session, work) and await _may_tell(session, work, job.slack_user, day)
    if wanted:
        key = f"{ALERTS}:{job.slack_user}:{day}"
        await say(work, Draft(ALERTS, key, job.slack_user, params={"day": job.day}))


async def _may_tell(session: TenantSession, work: Work, slack_user: str, day: date) -> bool:
    """Now, or again when the person's quiet time is over; not at all on a day that is full, unless it is alarming."""
    person, lines = await find_person(session, slack_user), await list_lines(session, slack_user, day)
    if person is None or person.refused_as is not None or not lines:
        return False
    if await _stands(session, ALERTS, slack_user, day):
        return True
    if all(line.over for line in lines):  # held until it was over: nobody needs it any more
        return False
    manners, now = await get_manners(session, person), work.tools.clock.now()
    pause = manners.next_moment(now) - now
    if pause:
        await order_telling(session, slack_user, day, delay=pause)
        return False
    loud = any(line.kind in LOUD and not line.over for line in lines)
    key, cap = f"{ALERTS}:{slack_user}:{day}", None if loud else manners.daily_cap
    return await count_post(session, slack_user, day, key, cap=cap)


async def _stands(session: TenantSession, kind: str, slack_user: str, day: date) -> bool:
    """An edit makes no sound: what stands there already is edited at any hour."""
    known = await messages.find_message(session, key=f"{kind}:{slack_user}:{day}")
    return known is not None and known.standing is Standing.LIVE


@renders(ALERTS)
async def render_alerts(session: TenantSession, work: Work, copy: Posted) -> Message | None:
    person = await find_person(session, copy.person or "")
    if person is None:
        return None
    day = date.fromisoformat(copy.params["day"])
    desk = await AlertOrchestrator(session, work.tools.clock).load()
    snoozed = (await get_manners(session, person)).snoozed_until
    lines = await list_lines(session, person.slack_user, day)
    return draw_alerts(AlertsResult(day, lines, desk.health, snoozed), await scene_of(session, work))


# -- whose turn it is ---------------------------------------------------------


@handles(TellApprovers)
async def tell_approvers(job: TellApprovers, work: Work) -> None:
    async with work.unit() as session:
        if await has_successor(session, work):
            return
        approvers = await TurnOrchestrator(session, work.tools.clock).list_approvers()
        for slack_user in approvers:
            order = TellTurn(slack_user=slack_user, reminder=job.reminder)
            await enqueue(session, order, key=f"turn:{slack_user}:{work.claim.id}")
        await _retire_others(session, work, approvers)


async def _retire_others(session: TenantSession, work: Work, approvers: Collection[str]) -> None:
    """A limit ends by the calendar, a role by Slack's word: what was asked of its holder is taken back, once."""
    for copy in await messages.list_of_kind(session, YOUR_TURN):
        if copy.person not in approvers and not copy.params.get(RETIRED):
            await messages.remember(session, copy.id, copy.params | {RETIRED: True})
            await order_redraw(session, work, copy)


@dataclass(frozen=True, slots=True)
class _Plan:
    """`moves`: the draft shows what an earlier message showed so far, or may have."""

    draft: Draft | None
    pause: timedelta = timedelta(0)
    moves: bool = False


@handles(TellTurn)
async def tell_turn(job: TellTurn, work: Work) -> None:
    async with work.unit() as session:
        if await has_successor(session, work):
            return
        plan = await _plan_turn(session, work, job)
        if plan.draft is not None and plan.pause:
            at = work.tools.clock.now().strftime("%Y-%m-%d")
            await enqueue(session, job, key=f"turn:{job.slack_user}:after:{at}", delay=plan.pause)
    if plan.draft is not None and not plan.pause:
        await say(work, plan.draft)
        if plan.moves:
            await _retire_earlier(work, job.slack_user)


async def _retire_earlier(work: Work, slack_user: str) -> None:
    """What the newest message shows is left out of the ones before: a bill asks its approver in one place."""
    async with work.unit() as session:
        for earlier in (await _turns_of(session, slack_user))[1:EARLIER_REDRAWN]:
            await order_redraw(session, work, earlier)


async def redraw_turns(session: TenantSession, work: Work) -> None:
    """Cards that can still be decided from: what a yes needs, or does to the floor, is another answer now."""
    since = work.tools.clock.now().date() - CARD_HOLDS
    for copy in await messages.list_of_kind(session, YOUR_TURN):
        if _day_of(copy) >= since:
            await order_redraw(session, work, copy)


async def _plan_turn(session: TenantSession, work: Work, job: TellTurn) -> _Plan:
    """A new message only for what the newest one does not show yet, or to remind; else the day's own is edited."""
    person = await find_person(session, job.slack_user)
    if person is None or person.refused_as is not None:
        return _Plan(None)
    day = local_today(work.tools.clock, ZoneInfo(person.zone))
    newest = next(iter(await _turns_of(session, job.slack_user)), None)
    shown = _keys(newest)
    today = newest is not None and newest.params.get("day") == day.isoformat()
    orchestrator = TurnOrchestrator(session, work.tools.clock)
    turn = await orchestrator.get_turn(job.slack_user, shown if today else ())
    fresh = [key for key in turn.waiting if key not in shown]
    if not today and not (fresh or (job.reminder and turn.waiting)):
        return _Plan(None)
    now = work.tools.clock.now()
    pause = timedelta(0) if today else (await get_manners(session, person)).next_moment(now) - now
    params = {"day": day.isoformat(), "keys": list(turn.keys), "reminder": job.reminder}
    key = f"{YOUR_TURN}:{job.slack_user}:{day}"
    moves = not today or not set(turn.keys) <= set(shown)
    return _Plan(Draft(YOUR_TURN, key, job.slack_user, turn.keys, params), pause, moves)


async def _turns_of(session: TenantSession, slack_user: str) -> list[Posted]:
    """The newest first."""
    return await messages.list_of_kind(session, YOUR_TURN, slack_user)


def _keys(message: Posted | None) -> tuple[str, ...]:
    return tuple(message.params.get("keys", ())) if message else ()


@renders(YOUR_TURN)
async def render_turn(session: TenantSession, work: Work, copy: Posted) -> Message | None:
    person = await find_person(session, copy.person or "")
    if person is None:
        return None
    orchestrator = TurnOrchestrator(session, work.tools.clock)
    loaded = TurnOrchestrator(session, work.tools.clock, await orchestrator.load())
    later = await _later(session, copy)
    moved = {key for one in later for key in _keys(one)}
    result = await loaded.get_result(
        person.slack_user,
        date.fromisoformat(copy.params["day"]),
        [key for key in _keys(copy) if key not in moved],
        reminder=bool(copy.params.get("reminder")),
        snoozed_until=(await get_manners(session, person)).snoozed_until,
    )
    went_on = _day_of(later[0]) if later and moved & set(_keys(copy)) else None
    return draw_your_turn(replace(result, continued_on=went_on), await scene_of(session, work))


async def _later(session: TenantSession, copy: Posted) -> list[Posted]:
    """Messages to the same person that stand below this one, the newest first."""
    every = await _turns_of(session, copy.person or "")
    known = [one.id for one in every]
    return every[: known.index(copy.id)] if copy.id in known else []


def _day_of(message: Posted) -> date:
    return date.fromisoformat(message.params["day"])
