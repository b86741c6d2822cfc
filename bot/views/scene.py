"""When and where something is read: today, the clock on the wall, and where the books can be opened."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.views.escape import Mrkdwn, link, mrkdwn
from domains.issues.catalogue import RecordKind
from kit.clock import format_date, format_time
from orchestrators.results.basis import RecordRef

# The pages of QuickBooks Online that open one record.
_PAGES: Final = {
    RecordKind.BILL: "bill?txnId={}",
    RecordKind.INVOICE: "invoice?txnId={}",
    RecordKind.PURCHASE: "expense?txnId={}",
    RecordKind.VENDOR: "vendordetail?nameId={}",
    RecordKind.CUSTOMER: "customerdetail?nameId={}",
    RecordKind.ACCOUNT: "register?accountId={}",
    RecordKind.PAYMENT: "recvpayment?txnId={}",
    RecordKind.BILL_PAYMENT: "billpayment?txnId={}",
    RecordKind.CREDIT_MEMO: "creditmemo?txnId={}",
    RecordKind.VENDOR_CREDIT: "vendorcredit?txnId={}",
    RecordKind.DEPOSIT: "deposit?txnId={}",
    RecordKind.TRANSFER: "transfer?txnId={}",
    RecordKind.JOURNAL_ENTRY: "journal?txnId={}",
    RecordKind.SALES_RECEIPT: "salesreceipt?txnId={}",
    RecordKind.REFUND_RECEIPT: "refundreceipt?txnId={}",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """`books` is the origin of the pages of QuickBooks; empty where records cannot be opened."""

    now: datetime
    zone: str
    books: str = ""

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    def day(self, day: date) -> Mrkdwn:
        """As in "Fri 27 Nov", with the year when it is not the current one."""
        return Mrkdwn(format_date(day, self.today))

    def time(self, instant: datetime) -> Mrkdwn:
        return Mrkdwn(format_time(instant, ZoneInfo(self.zone)))

    def moment(self, instant: datetime) -> Mrkdwn:
        """As in "at 3:42 PM" for today, "on Fri 20 Nov at 3:42 PM" for other days."""
        day = instant.astimezone(ZoneInfo(self.zone)).date()
        when = mrkdwn("at {}", self.time(instant))
        return when if day == self.today else mrkdwn("on {} {}", self.day(day), when)

    def due(self, day: date | None) -> Mrkdwn:
        """As in "due Fri 27 Nov, in 6 days"."""
        if day is None:
            return Mrkdwn("no due date")
        ahead = (day - self.today).days
        if ahead == 0:
            return Mrkdwn("due today")
        distance = f"in {_days(ahead)}" if ahead > 0 else f"{_days(-ahead)} overdue"
        return mrkdwn("due {}, {}", self.day(day), Mrkdwn(distance))

    def open(self, record: RecordRef, label: str = "Open in QuickBooks") -> Mrkdwn:
        """A link to the record's own page; nothing when it has none."""
        page = _PAGES.get(record.kind)
        if not self.books or page is None or not record.qbo_id.isalnum():
            return Mrkdwn("")
        return link(f"{self.books}/app/{page.format(record.qbo_id)}", label)


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
