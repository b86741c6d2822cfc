"""The questions behind a bill's buttons: why below the floor, until when, which of them, what for."""

from collections.abc import Sequence
from datetime import timedelta

from bot.views.bill_card import effects
from bot.views.blocks import Block, Modal, section
from bot.views.console import low_point
from bot.views.decision_states import decided
from bot.views.escape import Mrkdwn, lines, mrkdwn, name, plain_name
from bot.views.ids import Form
from bot.views.inputs import date_field, field, option, text_field, ticks
from bot.views.limits import CHOICES
from bot.views.phrases import counted, money, record
from bot.views.scene import Scene
from kit.money import format_money
from orchestrators.results.console import BillCard, Choice, Effect, PlanLine, PlanResult

REASON, UNTIL, TICKED = "reason", "until", "ticked"
LISTED = 90
_WEEK = timedelta(days=7)


def approve_anyway_form(card: BillCard, scene: Scene, metadata: str) -> Modal:
    asked = field(REASON, "Why pay it anyway?", text_field(multiline=True), hint="It is kept with the approval.")
    blocks = (_about(card, scene), section(_warning(card, scene)), asked)
    return Modal(Form.APPROVE_ANYWAY, "Approve anyway", blocks, submit="Approve anyway", metadata=metadata)


def _warning(card: BillCard, scene: Scene) -> Mrkdwn:
    now = next((effect for effect in _effects(card) if effect.on == card.pay_on), None) or next(
        iter(_effects(card)), None
    )
    if now is None:
        return mrkdwn("*The effect on cash is not known.* {}", effects(card, scene))
    below = scene.day(now.first_below_floor) if now.first_below_floor else scene.day(now.low_water_on)
    lowest = mrkdwn("the projected low point is *{}* on {}", money(now.low_water), scene.day(now.low_water_on))
    return mrkdwn("If this is paid by {}, cash is below your floor from {}: {}.", scene.day(now.on), below, lowest)


def _effects(card: BillCard) -> tuple[Effect, ...]:
    """Those of paying; holding breaches nothing."""
    every = card.effects if isinstance(card.effects, tuple) else ()
    return tuple(effect for effect in every if effect.choice is not Choice.HOLD)


def hold_form(card: BillCard, scene: Scene, metadata: str) -> Modal:
    asked = field(UNTIL, "Decide again on", date_field(scene.today + _WEEK), hint="It comes back to the console then.")
    why = field(REASON, "Why wait?", text_field(), optional=True)
    return Modal(Form.HOLD, "Hold", (_about(card, scene), asked, why), submit="Hold", metadata=metadata)


def reject_form(card: BillCard, scene: Scene, metadata: str) -> Modal:
    hint = "The bill stays in QuickBooks; Runway records that it is not to be paid."
    asked = field(REASON, "Why is it not to be paid?", text_field(multiline=True), hint=hint)
    return Modal(Form.REJECT, "Reject", (_about(card, scene), asked), submit="Reject", metadata=metadata)


def cancel_form(card: BillCard, scene: Scene, metadata: str) -> Modal:
    why = field(REASON, "Why withdraw it?", text_field(multiline=True), optional=True)
    return Modal(
        Form.CANCEL,
        "Withdraw proposal",
        (_about(card, scene), why),
        submit="Withdraw",
        close="Keep it",
        metadata=metadata,
    )


def _about(card: BillCard, scene: Scene) -> Block:
    title = mrkdwn("*{}* · {} · {}", name(card.vendor), money(card.balance), scene.due(card.due))
    state = decided(card.state, scene)
    return section(lines(title, record(card.record, card.doc_number), state or effects(card, scene)))


def plan_form(plan: PlanResult, scene: Scene, metadata: str) -> Modal:
    """A bulk act: every bill is named with its amount, and each can be left out."""
    floor = "Cash stays above your floor." if plan.keeps_floor else "*Cash goes below your floor on this plan.*"
    total = mrkdwn("{}, {} in all. {}", counted(len(plan.lines), "bill"), money(plan.total), Mrkdwn(floor))
    rest = f" Listed are the first {LISTED}; the others stay in the console." if len(plan.lines) > LISTED else ""
    intro = section(lines(total, low_point(plan.low_water, scene), Mrkdwn(f"Untick what should wait.{rest}")))
    groups = [plan.lines[start : start + CHOICES] for start in range(0, min(len(plan.lines), LISTED), CHOICES)]
    blocks = [_group(number, lines_, scene) for number, lines_ in enumerate(groups)]
    return Modal(Form.PLAN, "Decide at once", (intro, *blocks), submit="Approve these", metadata=metadata)


def _group(number: int, lines_: Sequence[PlanLine], scene: Scene) -> Block:
    options = [option(line.record.ref, _plan_title(line), str(_plan_date(line, scene))) for line in lines_]
    label = "Bills to approve" if number == 0 else "More bills"
    chosen = [line.record.ref for line in lines_]
    return field(f"{TICKED}{number}", label, ticks(options, chosen), optional=True)


def _plan_title(line: PlanLine) -> str:
    return f"{plain_name(line.vendor, 40)} · {format_money(line.balance)} · {line.record.ref}"


def _plan_date(line: PlanLine, scene: Scene) -> Mrkdwn:
    late = " (late)" if line.late else ""
    saves = f", saves {format_money(line.discount)}" if line.discount else ""
    return Mrkdwn(f"Pay on {scene.day(line.pay_on)}{late}{saves}")
