"""What a person ordered and Slack could not wait for: carried out here, told in the reply that was promised."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from bot.views.blocks import Message
from bot.views.console import draw_console
from bot.views.escape import Mrkdwn, spoken
from bot.views.outcomes import plan_said
from bot.views.paylist import draw_paylist, hand_off_said
from bot.views.scene import Scene
from bot.views.vendors import confirmed_said, draw_vendors
from domains.people import Act, Caller, list_roles
from kit.db import TenantSession
from kit.errors import Refused
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.jobs import AcceptPlan, ConfirmTiers, HandOff, Ordered
from orchestrators.paylist import PaylistOrchestrator
from orchestrators.results.console import DecisionOutcome, PlanOutcome, PlanRefusal
from orchestrators.vendors import VendorsOrchestrator
from workers.actor import Work, handles
from workers.answers import is_over, replace_reply, whisper
from workers.rendering import scene_of

AT_ONCE = 5
Doing: TypeAlias = Callable[[TenantSession, Caller], Coroutine[Any, Any, Mrkdwn]]
Draw: TypeAlias = Callable[[TenantSession, Caller, Scene, Mrkdwn], Coroutine[Any, Any, Message]]


@handles(AcceptPlan)
async def accept_plan(job: AcceptPlan, work: Work) -> None:
    """A few bills at a time, so that others who decide meanwhile wait for no more than those."""
    done: list[DecisionOutcome | PlanRefusal] = []
    for start in range(0, len(job.bills), AT_ONCE):
        async with work.unit() as session:
            console = DecisionConsoleDataOrchestrator(session, work.tools.clock)
            caller = await _caller(session, job)
            done += (await console.accept_bills(caller, job.bills[start : start + AT_ONCE], source=job.source)).lines

    async def draw(session: TenantSession, caller: Caller, scene: Scene, said: Mrkdwn) -> Message:
        console = DecisionConsoleDataOrchestrator(session, work.tools.clock)
        return draw_console(await console.get_decision_data(caller), scene, said=said)

    await _tell(work, job, plan_said(PlanOutcome(tuple(done))), draw)


@handles(HandOff)
async def hand_off(job: HandOff, work: Work) -> None:
    """All lines in one transaction: what was handed off is in the file, and what is in the file was handed off."""

    async def act(session: TenantSession, caller: Caller) -> Mrkdwn:
        paylist = PaylistOrchestrator(session, work.tools.clock)
        return hand_off_said(await paylist.hand_off(caller, job.version, source=job.source, batch=job.batch_id))

    async def draw(session: TenantSession, caller: Caller, scene: Scene, said: Mrkdwn) -> Message:
        fresh = await PaylistOrchestrator(session, work.tools.clock).get_paylist(caller)
        return draw_paylist(fresh, scene, said=said)

    await _act_and_tell(work, job, act, draw)


@handles(ConfirmTiers)
async def confirm_tiers(job: ConfirmTiers, work: Work) -> None:
    async def act(session: TenantSession, caller: Caller) -> Mrkdwn:
        vendors = VendorsOrchestrator(session, work.tools.clock)
        return confirmed_said(await vendors.confirm_suggestions(caller, job.tiers, source=job.source), len(job.tiers))

    async def draw(session: TenantSession, caller: Caller, scene: Scene, said: Mrkdwn) -> Message:
        result = await VendorsOrchestrator(session, work.tools.clock).get_tiers(caller)
        return draw_vendors(result, scene, said=said)

    await _act_and_tell(work, job, act, draw)


async def _act_and_tell(work: Work, job: Ordered, act: Doing, draw: Draw) -> None:
    """In one transaction all of it or, where it is refused, nothing."""
    try:
        async with work.unit() as session:
            said, refused = await act(session, await _caller(session, job)), False
    except Refused as refusal:
        said, refused = spoken(str(refusal)), True
    await _tell(work, job, said, draw, refused=refused)


async def _caller(session: TenantSession, job: Ordered) -> Caller:
    """With the rights of now."""
    return Caller(job.slack_user, await list_roles(session, job.slack_user))


async def _tell(work: Work, job: Ordered, said: Mrkdwn, draw: Draw, *, refused: bool = False) -> None:
    """In the reply that was promised the answer, with the list as it is now; else by itself, privately.

    Who may not see the books any more reads no more than why they were refused.
    """
    async with work.unit() as session:
        caller = await _caller(session, job)
        open_to = job.reply is not None and not is_over(work, job.reply) and caller.may(Act.SEE)
        drawn = await draw(session, caller, await scene_of(session, work), said) if open_to else None
    if job.reply is not None and drawn is not None and await replace_reply(work, job.reply, drawn):
        return
    if refused or caller.may(Act.SEE):
        await whisper(work, job.source, job.slack_user, said)
