"""Which vendors must be paid and which can wait: suggested from the accounts, confirmed by people."""

from typing import Final

from bot.actions import Ref
from bot.views.bill_card import TIERS as NAMES
from bot.views.blocks import Block, Message, actions, button, confirm, context, section
from bot.views.escape import Mrkdwn, lines, mrkdwn, name
from bot.views.ids import Click
from bot.views.inputs import menu, option
from bot.views.phrases import counted, money, who
from bot.views.scene import Scene
from bot.views.tray import pager
from orchestrators.results.settings import SettingsAct, TierLine, TierPage

OPTIONS: Final = {tier: f"{tier}: {words}" for tier, words in NAMES.items()}
NONE: Final = "none"
MEANING: Final = Mrkdwn(
    "Tier 1 must be paid (payroll, rent, tax, insurance, utilities), tier 2 is a key vendor, tier 3 can wait."
)


def draw_vendors(result: TierPage, _scene: Scene, *, said: Mrkdwn | None = None) -> Message:
    head = mrkdwn("{}.{}", counted(result.page.total, "vendor"), _open_questions(result))
    each = [_line(line) for line in result.lines]
    may = SettingsAct.EDIT in result.acts
    blocks = [section(said)] if said else []
    blocks.append(section(mrkdwn("*{}*", head)))
    blocks += [
        section(words, accessory=_choose(line, result.page.number) if may else None)
        for line, words in zip(result.lines, each, strict=True)
    ]
    pages = pager(result.page, Click.VENDORS, "vendors", "vendors")
    blocks += [*(_confirm(result) if may else ()), *([pages] if pages else [])]
    return Message(lines(said, head, *each, MEANING), (*blocks, context(MEANING)))


def _open_questions(result: TierPage) -> Mrkdwn:
    if not result.unconfirmed:
        return Mrkdwn("")
    return mrkdwn(" {} to confirm.", counted(result.unconfirmed, "suggestion"))


def _line(line: TierLine) -> Mrkdwn:
    owed = mrkdwn(", {} open", money(line.open_balance)) if line.open_balance else Mrkdwn("")
    return mrkdwn("{}{}: {}", name(line.name), owed, _standing(line))


def _standing(line: TierLine) -> Mrkdwn:
    if line.tier is not None:
        return mrkdwn("{}, set by {}.", _tier(line.tier), who(line.set_by or ""))
    if line.suggested is None:
        return Mrkdwn("no tier.")
    because = mrkdwn(" by the account {}", line.because) if line.because else Mrkdwn("")
    return mrkdwn("{} suggested{}, not confirmed.", _tier(line.suggested), because)


def _tier(tier: int) -> Mrkdwn:
    """As in "tier 1 (must pay)"."""
    return Mrkdwn(f"tier {tier} ({NAMES[tier]})")


def _choose(line: TierLine, page: int) -> Block:
    options = [*(option(str(tier), words) for tier, words in OPTIONS.items()), option(NONE, "No tier")]
    return menu(f"{Click.TIER}:{Ref('vendor', line.vendor_id, str(page))}", options, "Set tier")


def _confirm(result: TierPage) -> tuple[Block, ...]:
    if not result.unconfirmed:
        return ()
    one = result.unconfirmed == 1
    who_gets = "1 vendor gets" if one else f"{result.unconfirmed} vendors get"
    text = f"{who_gets} the tier that is suggested. Each tier can be changed afterwards."
    asked = confirm("Confirm the suggestion?" if one else "Confirm all suggestions?", text, "Confirm")
    words = "Confirm the suggestion" if one else f"Confirm all {result.unconfirmed} suggestions"
    return (actions(button(words, Click.TIERS_CONFIRM, style="primary", confirm=asked)),)


def confirming_said(number: int) -> Mrkdwn:
    are = Mrkdwn("is" if number == 1 else "are")
    return mrkdwn("{} {} being confirmed. What comes of it will stand here.", counted(number, "suggestion"), are)


def confirmed_said(number: int, asked: int) -> Mrkdwn:
    others = asked - number
    left = mrkdwn(" {} somebody else answered meanwhile: that stays.", Mrkdwn(str(others))) if others else Mrkdwn("")
    return mrkdwn("Confirmed {}.{}", counted(number, "suggestion"), left)
