"""QuickBooks's documents as they are stored, decoded on demand: only the keys that somebody reads, amounts as Decimal.

Unknown keys are ignored here and kept in the stored text.
"""

from datetime import date
from decimal import Decimal

import msgspec
from msgspec import Struct, field


class Id(Struct, frozen=True, gc=False):
    """A reference of which only the id is read: the name it carries is as old as the document."""

    value: str | None = None


class Ref(Id, frozen=True, gc=False):
    name: str | None = None


class Link(Struct, frozen=True):
    txn_id: str = field(name="TxnId", default="")
    txn_type: str = field(name="TxnType", default="")


class PartyRef(Struct, frozen=True):
    """JournalEntry and Deposit lines name a party two levels deep, or as a plain reference."""

    ref: Ref | None = field(name="EntityRef", default=None)
    value: str | None = None

    @property
    def id(self) -> str | None:
        return (self.ref.value if self.ref else self.value) or None


class Detail(Struct, frozen=True, rename="pascal"):
    """The union of all line details: every key exists in at least one of them."""

    account_ref: Ref | None = None
    item_ref: Ref | None = None
    item_account_ref: Ref | None = None
    customer_ref: Ref | None = None
    posting_type: str | None = None
    entity: PartyRef | None = None


class DiscountDetail(Detail, frozen=True):
    """A discount names the account it posts to by a key of its own."""

    account_ref: Ref | None = field(name="DiscountAccountRef", default=None)


class GroupDetail(Struct, frozen=True):
    lines: tuple["LineDoc", ...] = field(name="Line", default=())


class LineDoc(Struct, frozen=True, rename="pascal"):
    id: str | None = None
    description: str | None = None
    amount: Decimal | None = None
    detail_type: str | None = None
    linked_txn: tuple[Link, ...] = ()
    account_based_expense_line_detail: Detail | None = None
    item_based_expense_line_detail: Detail | None = None
    sales_item_line_detail: Detail | None = None
    deposit_line_detail: Detail | None = None
    journal_entry_line_detail: Detail | None = None
    discount_line_detail: DiscountDetail | None = None
    group_line_detail: GroupDetail | None = None

    @property
    def detail(self) -> Detail:
        return (
            self.account_based_expense_line_detail
            or self.item_based_expense_line_detail
            or self.sales_item_line_detail
            or self.deposit_line_detail
            or self.journal_entry_line_detail
            or self.discount_line_detail
            or Detail()
        )


class BankSide(Struct, frozen=True, rename="pascal", gc=False):
    bank_account_ref: Id | None = None
    c_c_account_ref: Id | None = field(name="CCAccountRef", default=None)


class CashBack(Struct, frozen=True, rename="pascal", gc=False):
    account_ref: Ref | None = None
    amount: Decimal = Decimal(0)


class Address(Struct, frozen=True, rename="pascal"):
    address: str | None = None


class Delivery(Struct, frozen=True, rename="pascal"):
    delivery_type: str | None = None
    delivery_time: str | None = None


class CashDoc(Struct, frozen=True, rename="pascal", gc=False):
    """What moved and between which accounts, of a document that moves one amount: its lines are not read."""

    id: str | None = None
    txn_date: date | None = None
    total_amt: Decimal | None = None
    amount: Decimal | None = None
    exchange_rate: Decimal | None = None
    currency_ref: Id | None = None
    vendor_ref: Ref | None = None
    customer_ref: Ref | None = None
    entity_ref: Ref | None = None
    account_ref: Id | None = None
    a_p_account_ref: Id | None = field(name="APAccountRef", default=None)
    deposit_to_account_ref: Id | None = None
    from_account_ref: Id | None = None
    to_account_ref: Id | None = None
    check_payment: BankSide | None = None
    credit_card_payment: BankSide | None = None
    credit: bool = False
    cash_back: CashBack | None = None


class TransactionDoc(CashDoc, frozen=True, rename="pascal"):
    """Any transaction. A key that an entity does not have is None or empty."""

    doc_number: str | None = None
    private_note: str | None = None
    line: tuple[LineDoc, ...] = ()
    linked_txn: tuple[Link, ...] = ()
    bill_email: Address | None = None
    email_status: str | None = None
    delivery_info: Delivery | None = None


class LinkedDoc(Struct, frozen=True, rename="pascal"):
    """What a transaction is linked to, and nothing else."""

    linked_txn: tuple[Link, ...] = ()


class NameDoc(Struct, frozen=True, rename="pascal"):
    """Vendor or Customer."""

    id: str
    display_name: str | None = None
    company_name: str | None = None
    primary_email_addr: Address | None = None
    term_ref: Ref | None = None
    sales_term_ref: Ref | None = None
    acct_num: str | None = None


class AccountDoc(Struct, frozen=True, rename="pascal"):
    classification: str | None = None


class TermDoc(Struct, frozen=True, rename="pascal"):
    id: str
    name: str = ""
    type: str | None = None
    due_days: int | None = None
    discount_days: int | None = None
    discount_percent: Decimal | None = None
    day_of_month_due: int | None = None
    due_next_month_days: int | None = None
    discount_day_of_month: int | None = None


class CurrencyPrefs(Struct, frozen=True, rename="pascal"):
    multi_currency_enabled: bool = False
    home_currency: Ref | None = None


class AccountingPrefs(Struct, frozen=True, rename="pascal"):
    book_close_date: date | None = None


class PreferencesDoc(Struct, frozen=True, rename="pascal"):
    currency_prefs: CurrencyPrefs = CurrencyPrefs()
    accounting_info_prefs: AccountingPrefs = AccountingPrefs()


class CompanyDoc(Struct, frozen=True, rename="pascal"):
    company_name: str = ""
    legal_name: str | None = None
    country: str | None = None
    default_time_zone: str | None = None


decode_transaction = msgspec.json.Decoder(TransactionDoc, strict=False).decode
decode_linked = msgspec.json.Decoder(LinkedDoc, strict=False).decode
decode_name = msgspec.json.Decoder(NameDoc, strict=False).decode
decode_account = msgspec.json.Decoder(AccountDoc, strict=False).decode
decode_term = msgspec.json.Decoder(TermDoc, strict=False).decode
decode_preferences = msgspec.json.Decoder(PreferencesDoc, strict=False).decode
decode_company = msgspec.json.Decoder(CompanyDoc, strict=False).decode


def every_line(lines: tuple[LineDoc, ...]) -> list[LineDoc]:
    """Lines with the members of bundles in place of the bundle, without subtotals."""
    flat: list[LineDoc] = []
    for line in lines:
        if line.group_line_detail is not None:
            flat.extend(every_line(line.group_line_detail.lines))
        elif line.detail_type != "SubTotalLineDetail":
            flat.append(line)
    return flat


def id_of(ref: Id | None) -> str | None:
    return (ref.value or None) if ref else None
