"""Deciding all ready bills in one go, on the planner's dates, with exceptions."""

from bot.actions import Ref
from bot.experiences.stage import fielded, get_ref, list_ticked, see, waiting_reply
from bot.replies import Answer, FormOpener, Note, Open, Turn
from bot.views import console_forms as forms
from bot.views.blocks import Message
from bot.views.escape import Mrkdwn
from bot.views.ids import Click, Form
from bot.views.outcomes import plan_ordered_said
from bot.views.phrases import unknown
from bot.views.places import list_place
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.results.console import PlanResult


async def ask(turn: Turn) -> Answer:
    async with turn.unit() as session:
        plan = await Console(session, turn.clock).get_plan(turn.caller)
        if not isinstance(plan, PlanResult):
            return Note(Message(unknown(plan) if plan else Mrkdwn("There is no bill to decide.")))
        return Open(forms.plan_form(plan, await see(turn, session), str(Ref("plan", plan.version))))


async def accept(turn: Turn) -> Answer:
    """Whatever was not ticked waits, also what was not listed. Many approvals outlast Slack's patience: a job's."""
    ticked, reply = list_ticked(turn.form, forms.TICKED), waiting_reply(turn, str(list_place("console", 1, ())))
    async with turn.unit() as session:
        console, version = Console(session, turn.clock), get_ref(turn).key
        number = await console.order_plan(turn.caller, version, ticked, source=turn.source, reply=reply)
    return Message(plan_ordered_said(number))


ACTIONS = {Click.PLAN: FormOpener(ask)}
FORMS = {Form.PLAN: fielded(accept)}
