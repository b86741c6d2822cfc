"""Every figure worked out again from QuickBooks' own JSON by plain loops: no table, service or calculator of ours."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

Json = dict[str, Any]
ZERO, CENT = Decimal(0), Decimal("0.01")
ODDS = [(0, "0.95"), (30, "0.90"), (60, "0.81"), (90, "0.70"), (10**6, "0.52")]
LASTING = {"Fixed Asset", "Other Asset", "Bank"}
LOANS = {"LineOfCredit", "LoanPayable", "NotesPayable"}
HOLIDAYS = {date(2026, 11, 26), date(2026, 12, 25), date(2027, 1, 1), date(2027, 1, 18), date(2027, 2, 15)}


@dataclass(frozen=True)
class Moved:
    """One amount on a bank account, home currency, with who and what it was for; sorted as accountants would."""

    on: date
    amount: Decimal
    sort: str
    who: str = ""
    account: str = ""
    pays_bill: bool = False

    @property
    def operating(self) -> bool:
        return self.sort == "operating"


@dataclass(frozen=True)
class ByHand:
    docs: dict[str, list[Json]]
    today: date

    def of(self, entity: str) -> list[Json]:
        return self.docs.get(entity, [])

    def account(self, ref: Json | None) -> Json:
        wanted = (ref or {}).get("value")
        return next((one for one in self.of("Account") if one["Id"] == wanted), {})

    def is_bank(self, account: Json) -> bool:
        return account.get("AccountType") == "Bank" and account.get("AccountSubType") != "TrustAccounts"

    def balance(self, **wanted: str) -> Decimal:
        kept = (one for one in self.of("Account") if one["Active"] and all(one[k] == v for k, v in wanted.items()))
        return sum((one["CurrentBalance"] for one in kept if one.get("AccountSubType") != "TrustAccounts"), ZERO)

    @property
    def cash(self) -> Decimal:
        return self.balance(AccountType="Bank")

    @property
    def undeposited(self) -> Decimal:
        return self.balance(AccountSubType="UndepositedFunds")

    @property
    def open_bills(self) -> list[Json]:
        return [bill for bill in self.of("Bill") if bill["Balance"] != 0]

    @property
    def open_invoices(self) -> list[Json]:
        return [invoice for invoice in self.of("Invoice") if invoice["Balance"] != 0]

    @cached_property
    def moves(self) -> list[Moved]:
        readers = (self._whole, self._lines, self._journals, self._transfers)
        return self._card_bills_told([one for reader in readers for one in reader()])

    def _card_bills_told(self, moves: list[Moved]) -> list[Moved]:
        """A card payment pays first the bills that were charged to the card, at most 90 days before it, by vendor."""
        charged = []
        for doc in self.of("BillPayment"):
            card = ((doc.get("CreditCardPayment") or {}).get("CCAccountRef") or {}).get("value")
            if card and doc["TotalAmt"] > 0:
                home = (doc["TotalAmt"] * doc.get("ExchangeRate", 1)).quantize(CENT)
                charged.append([date.fromisoformat(doc["TxnDate"]), home, card, doc["VendorRef"]["value"]])
        told = []
        for move in sorted(moves, key=lambda move: move.on):
            left = move.amount
            for charge in sorted(charged, key=lambda charge: charge[0]):
                on, owed, card, vendor = charge
                if card == move.account and left < 0 < owed and timedelta(0) <= move.on - on <= timedelta(days=90):
                    part = min(owed, -left)
                    charge[1], left = owed - part, left + part
                    told.append(replace(move, amount=-part, who=vendor, account="", pays_bill=True))
            told += [replace(move, amount=left)] if left else []
        return told

    def _whole(self) -> Iterator[Moved]:
        for doc in self.of("BillPayment"):
            account = (doc.get("CheckPayment") or {}).get("BankAccountRef")
            yield from self._one(doc, account, -doc["TotalAmt"], None)
        for entity, sign in (("Payment", 1), ("SalesReceipt", 1), ("RefundReceipt", -1)):
            for doc in self.of(entity):
                yield from self._one(doc, doc.get("DepositToAccountRef"), sign * doc["TotalAmt"], None)

    def _lines(self) -> Iterator[Moved]:
        for doc in self.of("Purchase"):
            sign = 1 if doc.get("Credit") else -1
            yield from self._split(doc, doc.get("AccountRef"), sign)
        for doc in self.of("Deposit"):
            yield from self._split(doc, doc.get("DepositToAccountRef"), 1)

    def _split(self, doc: Json, account: Json | None, sign: int) -> Iterator[Moved]:
        rest = doc["TotalAmt"]
        for line in doc.get("Line", []):
            if "Amount" in line and line.get("DetailType") != "SubTotalLineDetail":
                detail = line.get(line.get("DetailType", ""), {})
                yield from self._one(doc, account, sign * line["Amount"], detail.get("AccountRef"))
                # Paying down a card is written as a credit on the card whose line names the bank.
                yield from self._one(doc, detail.get("AccountRef"), -sign * line["Amount"], account)
                rest -= line["Amount"]
        yield from self._one(doc, account, sign * rest, None)

    def _journals(self) -> Iterator[Moved]:
        """Each line that faces the bank; entries with lines on both sides only open the books here."""
        for doc in self.of("JournalEntry"):
            on, lines = date.fromisoformat(doc["TxnDate"]), [*self._sides(doc)]
            banks = sum((signed for account, signed, _ in lines if self.is_bank(account)), ZERO)
            facing = [(account, -signed, who) for account, signed, who in lines if not self.is_bank(account)]
            if banks and all((amount > 0) is (banks > 0) for _, amount, _ in facing):
                for account, amount, who in facing:
                    yield Moved(on, amount, self.sort(account, amount), who, account["Id"])
            elif banks:
                assert "operating" not in {self.sort(account, amount) for account, amount, _ in facing}, doc["Id"]
                yield Moved(on, banks, "one-off")

    def _sides(self, doc: Json) -> Iterator[tuple[Json, Decimal, str]]:
        for line in doc["Line"]:
            detail = line["JournalEntryLineDetail"]
            who = (detail.get("Entity") or {}).get("EntityRef", {}).get("value", "")
            signed = line["Amount"] if detail["PostingType"] == "Debit" else -line["Amount"]
            yield self.account(detail["AccountRef"]), signed, who

    def _transfers(self) -> Iterator[Moved]:
        for doc in self.of("Transfer"):
            ends = self.account(doc["FromAccountRef"]), self.account(doc["ToAccountRef"])
            for own, other, amount in ((ends[0], ends[1], -doc["Amount"]), (ends[1], ends[0], doc["Amount"])):
                if self.is_bank(own):
                    sort = self.sort(other, amount)
                    yield Moved(date.fromisoformat(doc["TxnDate"]), amount, sort, "", other["Id"])

    def _one(self, doc: Json, account: Json | None, amount: Decimal, other: Json | None) -> Iterator[Moved]:
        if amount and self.is_bank(self.account(account)):
            home = (amount * doc.get("ExchangeRate", 1)).quantize(CENT)
            facing = self.account(other)
            who = (doc.get("VendorRef") or doc.get("EntityRef") or doc.get("CustomerRef") or {}).get("value", "")
            sort, bill = self.sort(facing, amount), "CheckPayment" in doc
            yield Moved(date.fromisoformat(doc["TxnDate"]), home, sort, who, facing.get("Id", ""), bill)

    def sort(self, other: Json, amount: Decimal) -> str:
        """Owners' money, loans, lasting things and own accounts are no spending; a card counts when it is paid."""
        kind, subtype = other.get("AccountType"), other.get("AccountSubType")
        if kind == "Credit Card":
            return "operating" if amount < 0 else "loan"
        if kind == "Equity":
            return "one-off" if subtype in ("OpeningBalanceEquity", "RetainedEarnings") else "owner"
        if kind == "Long Term Liability" or subtype in LOANS:
            return "loan"
        return "one-off" if kind in LASTING else "operating"

    def window(self) -> int:
        """Days of books with today, at most 91."""
        first = min((one.on for one in self.moves), default=self.today + timedelta(days=1))
        return min(91, (self.today - first).days + 1)

    def knows_its_pace(self) -> bool:
        """Four weeks of books, and somebody who kept them within the last 13."""
        start = self.today - timedelta(days=90)
        return self.window() >= 28 and any(start <= one.on <= self.today for one in self.moves)

    def flows(self) -> tuple[Decimal, Decimal]:
        """Operating money out and in over the window."""
        start = self.today - timedelta(days=self.window() - 1)
        amounts = [one.amount for one in self.moves if one.operating and start <= one.on <= self.today]
        return -sum((one for one in amounts if one < 0), ZERO), sum((one for one in amounts if one > 0), ZERO)

    def lasting(self, burned: Decimal, amount: Decimal | None = None) -> Decimal | None:
        """Days that an amount lasts, all cash where none is named."""
        if burned <= 0:
            return None
        amount = self.cash if amount is None else amount
        return max(ZERO, amount * self.window() / burned).quantize(Decimal("0.1"), ROUND_FLOOR)

    def home(self, doc: Json) -> Decimal:
        balance: Decimal = doc["Balance"] * doc.get("ExchangeRate", 1)
        return balance.quantize(CENT, ROUND_HALF_UP)

    def due(self, doc: Json) -> date | None:
        return date.fromisoformat(doc["DueDate"]) if doc.get("DueDate") else None

    def bill_days(self) -> dict[str, tuple[date, Decimal]]:
        """Undecided bills: when due, but not before the next Tuesday or Thursday."""
        pay_day = next(day for day in self.days() if day.weekday() in (1, 3))
        return {bill["Id"]: (max(self.due(bill) or pay_day, pay_day), -self.home(bill)) for bill in self.open_bills}

    def days(self) -> Iterator[date]:
        return (self.today + timedelta(days=n) for n in range(92))

    @cached_property
    def late(self) -> dict[str, list[int]]:
        """By customer, the days from due date to the last payment of each invoice that money closed."""
        payments = {one["Id"]: one for one in self.of("Payment")}
        late: dict[str, list[int]] = {}
        for invoice in self.of("Invoice"):
            recent = date.fromisoformat(invoice["TxnDate"]) >= self.today - timedelta(days=400)
            if invoice["Balance"] or invoice["TotalAmt"] <= 0 or not recent:
                continue
            links = [link["TxnId"] for link in invoice.get("LinkedTxn", []) if link["TxnType"] == "Payment"]
            paid = [payments[one] for one in links if one in payments]
            due = self.due(invoice)
            if due and any(one["TotalAmt"] > 0 for one in paid):
                last = max(date.fromisoformat(one["TxnDate"]) for one in paid)
                late.setdefault((invoice.get("CustomerRef") or {}).get("value", ""), []).append((last - due).days)
        return late

    def nearest_bank_day(self, wanted: date) -> date:
        ahead = [day for day in (self.today + timedelta(days=n) for n in range(1, 2000)) if self._works(day)]
        return min(ahead, key=lambda day: (abs(day - wanted), -day.toordinal()))

    def _works(self, day: date) -> bool:
        return day.weekday() < 5 and day not in HOLIDAYS
