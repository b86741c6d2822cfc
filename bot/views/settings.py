"""The rules of the business as they stand, and the forms that change them."""

from decimal import Decimal
from typing import Final

from bot.views.blocks import Block, Message, Modal, actions, button, context, fields, section
from bot.views.cash_accounts import apart_words
from bot.views.escape import Mrkdwn, lines, mrkdwn, name
from bot.views.escape import channel as channel_name
from bot.views.ids import Click, Form
from bot.views.inputs import channel_field, choice, field, number_field, option, radio, text_field, ticks
from bot.views.phrases import counted, money, who
from bot.views.scene import Scene
from bot.views.setting_changes import weekdays
from bot.views.setting_words import WEEKDAYS, WRITEBACK, amounts_words, hour_words
from domains.policy import DigestSettings
from kit.money import Money
from orchestrators.results.settings import SettingsAct, SettingsView

SHOW, HIDE = "show", "hide"
FLOOR: Final = "Runway warns before cash goes below it, and only an owner can approve a bill that would."
SECOND: Final = "Above this amount two people must say yes."
ZONES: Final = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles"),
    *("America/Anchorage", "America/Puerto_Rico", "Pacific/Honolulu", "America/Toronto", "America/Winnipeg"),
    *("America/Edmonton", "America/Vancouver", "America/Halifax", "America/St_Johns", "America/Mexico_City"),
    *("America/Bogota", "America/Lima", "America/Santiago", "America/Sao_Paulo", "America/Argentina/Buenos_Aires"),
    *("UTC", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Madrid", "Europe/Paris", "Europe/Brussels"),
    *("Europe/Amsterdam", "Europe/Berlin", "Europe/Zurich", "Europe/Vienna", "Europe/Rome", "Europe/Copenhagen"),
    *("Europe/Oslo", "Europe/Stockholm", "Europe/Helsinki", "Europe/Warsaw", "Europe/Prague", "Europe/Athens"),
    *("Europe/Istanbul", "Africa/Casablanca", "Africa/Lagos", "Africa/Nairobi", "Africa/Johannesburg", "Asia/Dubai"),
    *("Asia/Jerusalem", "Asia/Riyadh", "Asia/Karachi", "Asia/Kolkata", "Asia/Dhaka", "Asia/Bangkok", "Asia/Jakarta"),
    *("Asia/Singapore", "Asia/Hong_Kong", "Asia/Shanghai", "Asia/Manila", "Asia/Taipei", "Asia/Seoul", "Asia/Tokyo"),
    *("Australia/Perth", "Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney", "Pacific/Auckland"),
)


def draw_settings(result: SettingsView, scene: Scene, *, said: Mrkdwn | None = None) -> Message:
    policy, rows = result.policy, _rows(result)
    text = lines(said, *(mrkdwn("{}: {}.", label, value) for label, value in rows), _changed(result, scene))
    head = mrkdwn("*Settings of {}*", name(result.business_name))
    blocks = [section(lines(said, head)), fields(rows[:4]), fields(rows[4:])]
    buttons = _buttons(result) if SettingsAct.EDIT in result.acts else ()
    return Message(text, (*blocks, *buttons, context(lines(_changed(result, scene), _digest_note(policy.digest)))))


def _rows(result: SettingsView) -> list[tuple[str, Mrkdwn]]:
    policy = result.policy
    return [
        ("Weekly digest", digest_time(policy.digest)),
        ("Digest channel", channel_name(policy.digest.channel) if policy.digest.channel else Mrkdwn("not chosen yet")),
        ("Amounts in the channel", amounts_words(policy.digest)),
        ("Cash floor", _money(policy.floor_cash, result.currency)),
        ("Second approver", mrkdwn("above {}", _money(policy.second_approver_over, result.currency))),
        ("Pay days", weekdays(policy.pay_days)),
        ("Warn below the floor within", counted(policy.floor_days, "day")),
        ("Writing to QuickBooks", Mrkdwn(WRITEBACK[policy.bill_writeback])),
        ("Bank accounts not counted", apart_words(result)),
    ]


def digest_time(digest: DigestSettings) -> Mrkdwn:
    if not digest.enabled:
        return Mrkdwn("switched off")
    return mrkdwn(
        "{} at {} ({})", WEEKDAYS[digest.weekday], Mrkdwn(hour_words(digest.hour)), digest.zone.replace("_", " ")
    )


def _money(amount: Decimal, currency: str) -> Mrkdwn:
    return money(Money(amount, currency))


def _changed(result: SettingsView, scene: Scene) -> Mrkdwn | None:
    if result.changed_by is None or result.changed_at is None:
        return None
    return mrkdwn("Last changed by {} {}.", who(result.changed_by), scene.moment(result.changed_at))


def _digest_note(digest: DigestSettings) -> Mrkdwn | None:
    return (
        None
        if digest.channel
        else Mrkdwn("Until a channel is chosen, the digest comes to an owner as a direct message.")
    )


def _buttons(result: SettingsView) -> tuple[Block, ...]:
    digest = button("Digest…", Click.DIGEST_SETTINGS, style=None if result.policy.digest.channel else "primary")
    policy = button("Cash floor and approvals…", Click.POLICY)
    preview = button("Preview digest", Click.DIGEST)
    banks = button("Bank accounts…", Click.ACCOUNTS) if result.banks else None
    return (actions(digest, policy, banks, button("Roles", Click.ROLES), button("Vendors", Click.VENDORS), preview),)


def digest_form(result: SettingsView) -> Modal:
    digest = result.policy.digest
    shown = {True: SHOW, False: HIDE, None: ""}[digest.amounts_in_channel]
    amounts = (
        option(SHOW, "Show amounts"),
        option(HIDE, "Hide amounts", "The people who may see them get a direct message"),
    )
    hint = "Invite @Runway to that channel first. Without a channel it comes to an owner as a direct message."
    blocks = (
        field("channel", "Post the digest in", channel_field(digest.channel or ""), hint=hint, optional=True),
        field("amounts_in_channel", "Amounts in that channel", radio(amounts, shown)),
        field(
            "weekday", "Day", choice([option(str(day), words) for day, words in WEEKDAYS.items()], str(digest.weekday))
        ),
        field("hour", "Hour", choice([option(str(hour), hour_words(hour)) for hour in range(24)], str(digest.hour))),
        field(
            "zone", "Time zone", choice([option(zone, zone.replace("_", " ")) for zone in _zones(result)], digest.zone)
        ),
        field(
            "enabled",
            "Weekly digest",
            radio((option("on", "On"), option("off", "Off")), "on" if digest.enabled else "off"),
        ),
    )
    return Modal(Form.DIGEST_SETTINGS, "Weekly digest", blocks, submit="Save", metadata=str(result.version))


def _zones(result: SettingsView) -> list[str]:
    """Where most businesses are; the zone in force and the books' own are always among them."""
    return sorted({*ZONES, result.policy.digest.zone, result.zone})


def policy_form(result: SettingsView) -> Modal:
    policy, currency = result.policy, result.currency
    days = [option(str(day), words) for day, words in WEEKDAYS.items()]
    writing = [option(choice_, words) for choice_, words in WRITEBACK.items()]
    blocks = (
        _amount("floor_cash", f"Cash floor ({currency})", policy.floor_cash, FLOOR),
        _days("floor_days", "Warn if it is crossed within (days)", policy.floor_days, most="90"),
        _amount("second_approver_over", f"Second approver above ({currency})", policy.second_approver_over, SECOND),
        field("pay_days", "Days on which bills are paid", ticks(days, [str(day) for day in policy.pay_days])),
        _amount("significant_invoice", f"Invoice to chase early above ({currency})", policy.significant_invoice),
        _amount("defaulted_due_over", f"Question default due dates above ({currency})", policy.defaulted_due_over),
        _days("stale_after_days", "Ask when a payment is not seen after (days)", policy.stale_after_days, most="30"),
        field("bill_writeback", "Writing to QuickBooks", radio(writing, policy.bill_writeback)),
    )
    return Modal(Form.POLICY, "Floor and approvals", blocks, submit="Save", metadata=str(result.version))


def _amount(name_: str, label: str, amount: Decimal, hint: str = "") -> Block:
    return field(name_, label, text_field(initial=f"{amount:.2f}", longest=20), hint=hint)


def _days(name_: str, label: str, number: int, *, most: str) -> Block:
    return field(name_, label, number_field(initial=str(number), least="0", most=most))
