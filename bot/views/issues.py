"""What is wrong with a record, and what mends it: one sentence each, for every issue code."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.views.escape import Mrkdwn, mrkdwn, name
from bot.views.phrases import NOUNS, counted, money
from bot.views.scene import Scene
from domains.issues.catalogue import IssueCode, IssueFacts
from orchestrators.results.tray import TrayItem


@dataclass(frozen=True, slots=True)
class Wording:
    """`short` fits a list ("no due date"), `long` is the sentence on the card, `fix` what a person does about it."""

    short: str
    long: Callable[[TrayItem, Scene], Mrkdwn]
    fix: str


def short(code: IssueCode) -> str:
    return WORDINGS[code].short


def explain(item: TrayItem, scene: Scene) -> Mrkdwn:
    return WORDINGS[item.code].long(item, scene)


def fix(code: IssueCode) -> Mrkdwn:
    return Mrkdwn(WORDINGS[code].fix)


def _said(words: str) -> Callable[[TrayItem, Scene], Mrkdwn]:
    return lambda _item, _scene: Mrkdwn(words)


def _day(day: date | None, scene: Scene) -> Mrkdwn:
    return scene.day(day) if day else Mrkdwn("an unknown day")


def _before(item: TrayItem, scene: Scene) -> Mrkdwn:
    facts = item.facts
    return mrkdwn("It is due on {}, before it was issued on {}.", _day(facts.due, scene), _day(facts.issued, scene))


def _duplicate(item: TrayItem, scene: Scene) -> Mrkdwn:
    twin = item.facts.twin
    if twin is None:
        return Mrkdwn("It looks like another record of the same vendor.")
    ref = item.twin.ref if item.twin else twin.key.qbo_id
    shared = "the same number" if twin.same_number else "nearly the same amount and date"
    other = mrkdwn("{} {} over {}", NOUNS[twin.key.kind].lower(), ref, money(twin.amount))
    issued = mrkdwn(" of {}", scene.day(twin.issued)) if twin.issued else Mrkdwn("")
    link = mrkdwn(" ({})", scene.open(item.twin, "open it")) if item.twin and scene.open(item.twin) else Mrkdwn("")
    return mrkdwn("It looks like a duplicate of {}{}: same vendor, {}.{}", other, issued, Mrkdwn(shared), link)


def _place(item: TrayItem, _scene: Scene) -> Mrkdwn:
    place = item.facts.place
    return mrkdwn("A line posts to {}.", place) if place else Mrkdwn("A line posts to no account.")


def _stale(item: TrayItem, _scene: Scene) -> Mrkdwn:
    late = mrkdwn("{} past due", counted(item.facts.days or 0, "day"))
    return mrkdwn("It is {}: probably paid outside the books.", late)


def _inactive(item: TrayItem, _scene: Scene) -> Mrkdwn:
    return mrkdwn("{} is marked inactive in QuickBooks.", name(item.facts.party))


def _unapplied(what: str) -> Callable[[TrayItem, Scene], Mrkdwn]:
    def long(item: TrayItem, _scene: Scene) -> Mrkdwn:
        amount = money(item.amount) if item.amount else Mrkdwn("An amount")
        return mrkdwn("{} {} is not matched to any of the open items of {}.", amount, what, name(item.facts.party))

    return long


def _terms(item: TrayItem, _scene: Scene) -> Mrkdwn:
    return mrkdwn("{} has open bills but no payment terms.", name(item.facts.party))


def _quiet(item: TrayItem, _scene: Scene) -> Mrkdwn:
    since = counted(item.facts.days, "day") if item.facts.days else Mrkdwn("more than 7 days")
    return mrkdwn("Nothing was posted to {} for {}.", name(item.facts.place or item.facts.party), since)


def _negative(item: TrayItem, _scene: Scene) -> Mrkdwn:
    balance = mrkdwn(" by {}", money(item.amount)) if item.amount else Mrkdwn("")
    return mrkdwn("{} is below zero in the books{}.", name(item.facts.place or item.facts.party), balance)


def _contact(item: TrayItem, _scene: Scene) -> Mrkdwn:
    return mrkdwn("There is no e-mail address for {}, so nobody can be reminded.", name(item.facts.party))


WORDINGS: Final[dict[IssueCode, Wording]] = {
    IssueCode.MISSING_VENDOR: Wording(
        "no vendor", _said("It names no vendor."), "Choose the vendor in QuickBooks, then press Resolve."
    ),
    IssueCode.MISSING_CUSTOMER: Wording(
        "no customer", _said("It names no customer."), "Choose the customer in QuickBooks, then press Resolve."
    ),
    IssueCode.BAD_AMOUNT: Wording(
        "amount cannot be right",
        _said("Its total is missing, negative, or zero with an open balance."),
        "Correct the amount in QuickBooks, then press Resolve.",
    ),
    IssueCode.MISSING_DUE_DATE: Wording(
        "no due date", _said("It has no due date."), "Set the due date in QuickBooks, then press Resolve."
    ),
    IssueCode.DUE_BEFORE_ISSUE: Wording(
        "due before it was issued", _before, "Correct the dates in QuickBooks, then press Resolve."
    ),
    IssueCode.LIKELY_DUPLICATE: Wording(
        "likely duplicate",
        _duplicate,
        "Delete one of the two in QuickBooks and press Resolve, or dismiss this if both are real.",
    ),
    IssueCode.UNCATEGORISED: Wording(
        "not categorised", _place, "Choose the right account in QuickBooks, then press Resolve."
    ),
    IssueCode.DUE_DATE_DEFAULTED: Wording(
        "due date looks like a default",
        _said("It is due on the day it was issued, and there are no terms."),
        "Check the due date in QuickBooks, then press Resolve.",
    ),
    IssueCode.STALE_OPEN: Wording(
        "open for more than 180 days", _stale, "Record the payment or void it in QuickBooks, then press Resolve."
    ),
    IssueCode.INACTIVE_PARTY: Wording(
        "inactive vendor or customer",
        _inactive,
        "Make them active again in QuickBooks or close the record, then press Resolve.",
    ),
    IssueCode.NO_CONTACT: Wording(
        "no e-mail address", _contact, "Add an e-mail address in QuickBooks, then press Resolve."
    ),
    IssueCode.NEVER_SENT: Wording(
        "never sent", _said("It is past due and was never sent."), "Send it from QuickBooks, then press Resolve."
    ),
    IssueCode.UNAPPLIED_PAYMENT: Wording(
        "payment not applied", _unapplied("received"), "Apply the payment in QuickBooks, then press Resolve."
    ),
    IssueCode.UNAPPLIED_CREDIT: Wording(
        "credit not applied", _unapplied("of credit"), "Apply the credit in QuickBooks, then press Resolve."
    ),
    IssueCode.MISSING_TERMS: Wording(
        "no payment terms", _terms, "Set the vendor’s terms in QuickBooks, then press Resolve."
    ),
    IssueCode.STALE_BOOKS: Wording(
        "bank account not kept up", _quiet, "Categorise the bank feed in QuickBooks, then press Resolve."
    ),
    IssueCode.STALE_MIRROR: Wording(
        "Runway’s copy is old",
        _said("Runway’s copy of the books is too old to rely on."),
        "An admin can start `/runway sync`.",
    ),
    IssueCode.SYNC_FAILED: Wording(
        "the last sync failed",
        _said("The last sync failed, so the figures are from the one before."),
        "`/runway sync status` says why.",
    ),
    IssueCode.NEGATIVE_BANK: Wording(
        "bank account below zero", _negative, "Check for missing deposits in QuickBooks, then press Resolve."
    ),
}


def beside(codes: Collection[IssueCode]) -> Mrkdwn | None:
    """What the tray asks about a record that can be decided all the same; an old one may be settled long ago."""
    if not codes:
        return None
    found = mrkdwn("In the tray too: {}.", Mrkdwn(", ".join(map(short, codes))))
    return mrkdwn("{} Check first whether it was paid already.", found) if IssueCode.STALE_OPEN in codes else found


_DOUBTS: Final = {IssueCode.NEVER_SENT: "never sent", IssueCode.STALE_OPEN: "perhaps paid already"}


def doubts(codes: Collection[IssueCode]) -> Mrkdwn:
    """What makes a call or a payment needless, behind the days past due in a list."""
    return Mrkdwn("".join(f", {words}" for code, words in _DOUBTS.items() if code in codes))


def party(facts: IssueFacts) -> Mrkdwn:
    return name(facts.party) if facts.party else Mrkdwn("")
