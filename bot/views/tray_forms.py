"""The questions behind a tray card's buttons: until when, why, to whom."""

from datetime import timedelta

from bot.views.blocks import Block, Modal, section
from bot.views.escape import Mrkdwn, mrkdwn
from bot.views.ids import Form
from bot.views.inputs import date_field, field, person_field, text_field
from bot.views.issues import explain, party
from bot.views.phrases import record
from bot.views.scene import Scene
from orchestrators.results.tray import TrayItem

UNTIL, REASON, TO = "until", "reason", "to"
_WEEK = timedelta(days=7)


def snooze_form(item: TrayItem, scene: Scene, metadata: str) -> Modal:
    asked = field(UNTIL, "Show it again on", date_field(scene.today + _WEEK), hint="It comes back by itself that day.")
    return Modal(Form.SNOOZE, "Snooze", (_about(item, scene), asked), submit="Snooze", metadata=metadata)


def dismiss_form(item: TrayItem, scene: Scene, metadata: str) -> Modal:
    hint = "It stays away until the record changes in a way that matters here. Everybody can read the reason."
    asked = field(REASON, "Why is this fine as it is?", text_field(multiline=True), hint=hint)
    return Modal(Form.DISMISS, "Dismiss", (_about(item, scene), asked), submit="Dismiss", metadata=metadata)


def assign_form(item: TrayItem, scene: Scene, metadata: str) -> Modal:
    hint = "They get a direct message with this card, and may work on this record."
    asked = field(TO, "Who takes care of it?", person_field(item.state.assignee or ""), hint=hint)
    return Modal(Form.ASSIGN, "Assign", (_about(item, scene), asked), submit="Assign", metadata=metadata)


def _about(item: TrayItem, scene: Scene) -> Block:
    named = mrkdwn("*{}* · ", party(item.facts)) if party(item.facts) else Mrkdwn("")
    return section(mrkdwn("{}{}\n{}", named, record(item.record, item.facts.doc_number), explain(item, scene)))
