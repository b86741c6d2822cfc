"""Deciding all ready bills in one go, on the planner's dates, with exceptions."""

from bot.actions import Ref
from bot.experiences.stage import fielded, get_ref, list_ticked, see
from bot.replies import Answer, FormOpener, Note, Open, Turn
from bot.views import console_forms as forms
from bot.views.blocks import Message
from bot.views.console import draw_console
from bot.views.escape import Mrkdwn
from bot.views.ids import Click, Form
from bot.views.outcomes import plan_said
from bot.views.phrases import unknown
from kit.errors import Outdated
from orchestrators.console import DecisionConsoleDataOrchestrator as Console
from orchestrators.results.console import PlanResult


async def ask(turn: Turn) -> Answer:
    async with turn.unit() as session:
        plan = await Console(session, turn.clock).get_plan(turn.caller)
        if not isinstance(plan, PlanResult):
            return Note(Message(unknown(plan) if plan else Mrkdwn("There is no bill to decide.")))
        return Open(forms.plan_form(plan, await see(turn, session), str(Ref("plan", plan.version))))


async def accept(turn: Turn) -> Answer:
    """Whatever was not ticked waits, also what was not listed."""
    ticked = list_ticked(turn.form, forms.TICKED)
    async with turn.unit() as session:
        console = Console(session, turn.clock)
        plan = await console.get_plan(turn.caller)
        if not isinstance(plan, PlanResult) or plan.version != get_ref(turn).key:
            raise Outdated(
                "Nothing was decided: the bills changed since the list was drawn. `/runway console` has them."
            )
        left_out = frozenset(line.record.ref for line in plan.lines) - ticked
        outcome = await console.accept_plan(turn.caller, plan.version, source=turn.source, except_=left_out)
        said = plan_said(outcome)
        fresh = await console.get_decision_data(turn.caller)
        return draw_console(fresh, await see(turn, session), said=said)


ACTIONS = {Click.PLAN: FormOpener(ask)}
FORMS = {Form.PLAN: fielded(accept)}
