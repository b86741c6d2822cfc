"""Words that several views share: amounts, counts, what is not known and why, how old the books are."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import assert_never

from bot.views.escape import Mrkdwn, mrkdwn, sentence
from bot.views.escape import person as mention
from bot.views.scene import Scene
from domains.freshness import Freshness
from domains.issues.catalogue import RecordKind
from kit.money import Money, format_money
from orchestrators.results.basis import Condition, Health, Link, RecordRef, Unknown

NOUNS = {
    RecordKind.BILL: "Bill",
    RecordKind.INVOICE: "Invoice",
    RecordKind.PURCHASE: "Expense",
    RecordKind.VENDOR: "Vendor",
    RecordKind.CUSTOMER: "Customer",
    RecordKind.ACCOUNT: "Bank account",
    RecordKind.PAYMENT: "Payment received",
    RecordKind.BILL_PAYMENT: "Bill payment",
    RecordKind.CREDIT_MEMO: "Credit memo",
    RecordKind.VENDOR_CREDIT: "Vendor credit",
    RecordKind.DEPOSIT: "Deposit",
    RecordKind.TRANSFER: "Transfer",
    RecordKind.JOURNAL_ENTRY: "Journal entry",
    RecordKind.SALES_RECEIPT: "Sales receipt",
    RecordKind.REFUND_RECEIPT: "Refund receipt",
    RecordKind.SYNC: "Sync",
}


TWO_YEARS = 730
NOT_CONNECTED = Mrkdwn("QuickBooks is not connected yet: `/runway connect`.")


def money(amount: Money) -> Mrkdwn:
    return Mrkdwn(format_money(amount))


def people(users: tuple[str, ...], last: str = "and") -> Mrkdwn:
    names = [who(user) for user in users]
    if len(names) < 2:
        return names[0] if names else Mrkdwn("nobody")
    return Mrkdwn(f"{', '.join(names[:-1])} {last} {names[-1]}")


def who(user: str) -> Mrkdwn:
    """A mention; what no person did was done by Runway."""
    return Mrkdwn("Runway") if user.lower() in {"", "runway", "slack"} else mention(user)


def counted(number: int, one: str, many: str = "") -> Mrkdwn:
    """As in "1 bill", "12 bills"."""
    return Mrkdwn(f"1 {one}" if number == 1 else f"{number:,} {many or one + 's'}")


def days(number: Decimal | int) -> Mrkdwn:
    """Whole days, rounded down: runway is never flattered. Of years, 13 weeks of books tell no days."""
    whole = int(Decimal(number).to_integral_value(ROUND_DOWN))
    if whole > TWO_YEARS:
        return Mrkdwn(f"over {whole // 365} years")
    return Mrkdwn("less than a day") if 0 < number < 1 else counted(whole, "day")


def record(ref: RecordRef, doc_number: str | None = None) -> Mrkdwn:
    """As in "Bill B-145 (no. 1042)"."""
    named = mrkdwn("{} {}", NOUNS[ref.kind], ref.ref)
    return mrkdwn("{} (no. {})", named, doc_number) if doc_number else named


def unknown(condition: Condition) -> Mrkdwn:
    """Why a figure is missing, as a sentence; a figure is never guessed."""
    match condition.kind:
        case Unknown.NOT_CONNECTED:
            return NOT_CONNECTED
        case Unknown.NEVER_SYNCED:
            return Mrkdwn("The books have not been read yet.")
        case Unknown.NOT_ENOUGH_HISTORY:
            return _short_history(condition)
        case Unknown.MISSING_RATE:
            return mrkdwn("There is no exchange rate for {} in the books.", condition.detail)
        case Unknown.MISSING_SET:
            return mrkdwn("Part of the books has not been read yet: {}.", condition.detail)
        case Unknown.EMPTY_BOOKS:
            return mrkdwn("There are no {} in the books.", condition.detail)
        case _:
            assert_never(condition.kind)


def _short_history(condition: Condition) -> Mrkdwn:
    known, needed = condition.days_known, condition.days_needed
    if known is None or needed is None:
        return Mrkdwn("Not enough history yet.")
    if not known:
        return Mrkdwn("Not enough history: nothing was posted to a bank account in the last 91 days.")
    return mrkdwn("Not enough history: {} of books, {} are needed.", counted(known, "day"), str(needed))


def as_of(at: datetime | None, scene: Scene) -> Mrkdwn:
    return mrkdwn("Books as of {}.", _when(at, scene)) if at else Mrkdwn("The books have not been read yet.")


def _when(at: datetime, scene: Scene) -> Mrkdwn:
    moment = scene.moment(at)
    return mrkdwn("today {}", moment) if moment.startswith("at") else Mrkdwn(moment.removeprefix("on "))


def health(books: Health, scene: Scene, *, said: bool = False) -> Mrkdwn:
    """One line on how far the figures can be trusted; it stands under every figure.

    `said`: that nothing is connected stands above already.
    """
    if books.link is Link.NEVER:
        return Mrkdwn("Nothing was read so far.") if said else NOT_CONNECTED
    return sentence(as_of(books.as_of, scene), _doubt(books), Mrkdwn("A sync is running.") if books.syncing else None)


def _doubt(books: Health) -> Mrkdwn | None:
    match books.link:
        case Link.NEVER:
            return NOT_CONNECTED
        case Link.DISCONNECTED:
            return Mrkdwn("QuickBooks is disconnected, so nothing newer can be read: `/runway connect`.")
        case Link.NEEDS_RECONNECT:
            return Mrkdwn("QuickBooks no longer lets Runway in. An admin can reconnect it: `/runway connect`.")
        case Link.CONNECTED:
            return _age(books)
        case _:
            assert_never(books.link)


def _age(books: Health) -> Mrkdwn | None:
    if books.last_run_failed:
        return Mrkdwn("The last sync failed; the figures are from the one before.")
    if books.as_of is not None and books.worst is Freshness.STALE:
        return Mrkdwn("*That is too old to rely on.* An admin can start `/runway sync`.")
    return None
