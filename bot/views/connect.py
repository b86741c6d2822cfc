"""Linking QuickBooks and letting go of it: what Runway may do there, and what it never does."""

from bot.views.blocks import Block, Message, actions, button, confirm, context, link_button, section
from bot.views.escape import Mrkdwn, lines, link, mrkdwn, name, plain_name, safe_url
from bot.views.ids import Click
from orchestrators.results.basis import Link

PROMISE = Mrkdwn(
    "Runway reads the books. It never moves money, and it changes nothing in them unless you switch that on."
)


REPLACED = Mrkdwn(
    "Its figures then replace these. What was decided about these bills ends; vendor tiers and the bank accounts that"
    " do not count are chosen anew. Rules, people and known items stay."
)


def draw_connect(url: str, *, company: str | None = None, switch: bool = False, lost: bool = False) -> Message:
    """`url` holds a ticket for this person; `company` is the one that is linked now, if any is, `lost`: to no avail."""
    if not safe_url(url):
        raise ValueError("the address to connect at must be https, or loopback")
    intro = _intro(company, switch=switch, lost=lost)
    how = mrkdwn("The {} works once, for you, for 10 minutes.", link(url, "link"))
    label = "Connect again" if company and not switch else "Connect QuickBooks"
    button_row = actions(link_button(label, Click.CONNECT_LINK, url, style="primary"))
    return Message(lines(intro, PROMISE, how), (section(intro), button_row, context(lines(PROMISE, how))))


def _intro(company: str | None, *, switch: bool, lost: bool) -> Mrkdwn:
    if company is None:
        return Mrkdwn("Connect QuickBooks to see cash, runway and what needs a decision.")
    if switch:
        return mrkdwn("Connect another company in place of *{}*. {}", name(company), REPLACED)
    if lost:
        other = Mrkdwn("Another company: `/runway connect switch`.")
        return mrkdwn("QuickBooks no longer lets Runway in. Connect *{}* again. {}", name(company), other)
    again = "Connect it again if access was lost. Another company: `/runway connect switch`."
    return mrkdwn("QuickBooks is connected: *{}*. {}", name(company), Mrkdwn(again))


def offer_connect(link: Link) -> tuple[Block, ...]:
    """The way on, under a list that has nothing to show for want of a link."""
    if link is not Link.NEVER:
        return ()
    return (actions(button("Connect QuickBooks", Click.CONNECT, style="primary")),)


def draw_disconnect(company: str | None) -> Message:
    """Asks first: tokens are revoked and syncing stops."""
    who = company or "QuickBooks"
    text = mrkdwn("Disconnect *{}*? Runway’s access is revoked and syncing stops.", name(who))
    keeps = Mrkdwn(
        "What was decided stays in the audit log. The figures stay as of the last sync, and say so. To have everything"
        " deleted, remove Runway from Slack: its records are gone a day later."
    )
    return Message(lines(text, keeps), (section(text), context(keeps), actions(_sure(who))))


def _sure(company: str) -> Block:
    words = f"Runway’s access to {plain_name(company)} is revoked. To sync again, somebody must connect it anew."
    asked = confirm("Disconnect QuickBooks?", words, "Disconnect", no="Keep it", style="danger")
    return button("Disconnect", Click.DISCONNECT, style="danger", confirm=asked)


def draw_disconnected(company: str | None, *, revoked: bool) -> Message:
    """`revoked`: Intuit said so; else all that is sure is that we hold no key any more."""
    shown = name(company or "QuickBooks")
    text = (
        mrkdwn("{} is disconnected and Runway’s access is revoked.", shown)
        if revoked
        else mrkdwn(
            "{} is disconnected: Runway keeps no key to it. Intuit did not confirm that the access is revoked; to be"
            " sure, disconnect Runway among your apps in QuickBooks too.",
            shown,
        )
    )
    again = Mrkdwn("`/runway connect` links it again.")
    return Message(lines(text, again))
