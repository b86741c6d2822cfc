"""Which bank accounts are free to spend: chosen in a form, told in the settings."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.views.blocks import Block, Modal, section
from bot.views.escape import Mrkdwn, listed, mrkdwn, name, plain_name, sentence
from bot.views.ids import Form
from bot.views.inputs import field, option, ticks
from bot.views.limits import CHOICES
from bot.views.setting_changes import NOTHING
from kit.money import format_money
from orchestrators.results.settings import BankLine, SettingsView

APART: Final = "accounts"
LISTED: Final = 50
EXPLAINED: Final = Mrkdwn(
    "Tick the accounts whose money is spoken for, such as taxes, payroll, escrow or savings. It stays out of available"
    " cash, runway and forecast; moving money there and back is neither spent nor received."
)


def choosable(result: SettingsView) -> Sequence[BankLine]:
    """What QuickBooks itself marks as held for others never counts and is no question."""
    return [one for one in result.banks if not one.held_for_others][:LISTED]


def accounts_form(result: SettingsView) -> Modal:
    """While nobody has chosen, accounts whose names say so are ticked already: saving is then the answer."""
    lines, first = choosable(result), result.policy.restricted_accounts is None
    groups = [lines[start : start + CHOICES] for start in range(0, len(lines), CHOICES)]
    blocks = [_group(number, group, first=first) for number, group in enumerate(groups)]
    held = [name(one.name) for one in result.banks if one.held_for_others]
    intro = sentence(EXPLAINED, mrkdwn("{} never counts: QuickBooks marks it as held.", listed(held)) if held else None)
    return Modal(Form.ACCOUNTS, "Bank accounts", (section(intro), *blocks), submit="Save", metadata=str(result.version))


def _group(number: int, group: Sequence[BankLine], *, first: bool) -> Block:
    options = [option(one.account_id, plain_name(one.name, 60), format_money(one.balance)) for one in group]
    chosen = [one.account_id for one in group if one.set_apart or (first and one.asked)]
    label = "Not free to spend" if number == 0 else "More accounts"
    # Field errors are shown under the first group, whose name is the field's.
    return field(f"{APART}{number or ''}", label, ticks(options, chosen), optional=True)


def apart_words(result: SettingsView) -> Mrkdwn:
    apart = _names(one for one in result.banks if one.set_apart or one.held_for_others)
    return apart or Mrkdwn("none, all count as cash")


def accounts_said(before: SettingsView, after: SettingsView) -> Mrkdwn:
    """Each account that changed sides, and what a first answer left as it was."""
    was = {one.account_id for one in before.banks if one.set_apart}
    away = _names(one for one in after.banks if one.set_apart and one.account_id not in was)
    back = _names(one for one in after.banks if not one.set_apart and one.account_id in was)
    if away or back:
        gone = mrkdwn("{} counted as cash before, and not now.", away) if away else None
        return sentence(
            Mrkdwn("Saved."), gone, mrkdwn("{} did not count before, and is cash now.", back) if back else None
        )
    return NOTHING if before.version == after.version else Mrkdwn("Saved. All accounts count as cash, as before.")


def _names(lines: Iterable[BankLine]) -> Mrkdwn:
    return listed([name(one.name) for one in lines])
