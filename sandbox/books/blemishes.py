"""What a bookkeeper gets wrong: the staged defects of the demo company, each on its day, among work well done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sandbox.books import balances, writes
from sandbox.books.life import Life
from sandbox.books.names import inactivate
from sandbox.books.postings import postings
from sandbox.books.rhythms import PayBill
from sandbox.books.sales import Receive
from sandbox.books.values import Doc, amount, decimal, ref

_Act = Callable[[Life, date], None]


def spoil(life: Life, entity: str, row_id: str, change: Callable[[Doc], None]) -> None:
    """Change a document as no form would allow, and keep every balance equal to the postings."""
    company, at = life.company, life.now()
    doc = company.get(entity, row_id)
    balances.apply(company, postings(company, entity, doc), -1, at)
    change(doc)
    company.put(entity, doc)
    balances.apply(company, postings(company, entity, doc), 1, at)


@dataclass(frozen=True, slots=True)
class OpenBill:
    """A bill still open today. `due`: days from today, when its terms are not to decide; paid some days later."""

    vendor: str
    account: str
    value: str
    number: str = ""
    due: int | None = None
    text: str = ""
    spoilt: Callable[[Doc], None] | None = None

    def __call__(self, life: Life, today: date) -> None:
        more: Doc = {"DocNumber": self.number} if self.number else {}
        if self.due is not None:
            more["DueDate"] = (today + timedelta(days=self.due)).isoformat()
        bill = life.bill(self.vendor, [(self.account or None, Decimal(self.value), self.text or "Invoice")], **more)
        if self.spoilt:
            spoil(life, "Bill", bill["Id"], self.spoilt)
            return
        due = date.fromisoformat(bill["DueDate"])
        wait = 3 + life.chance("staged", self.vendor, self.value).randrange(14)
        life.later(max(due, today) + timedelta(days=wait), PayBill(bill["Id"]))


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An invoice still open today; `pays` is the day from today on which the customer does, if ever."""

    customer: str
    value: str
    due: int | None = None
    sent: bool = True
    pays: int | None = None
    spoilt: Callable[[Doc], None] | None = None

    def __call__(self, life: Life, today: date) -> None:
        more: Doc = {} if self.due is None else {"DueDate": (today + timedelta(days=self.due)).isoformat()}
        lines = [("Design", Decimal(self.value), "Project work")]
        invoice = life.invoice(self.customer, lines, sent=self.sent, **more)
        if self.spoilt:
            spoil(life, "Invoice", invoice["Id"], self.spoilt)
        elif self.pays is not None:
            life.later(today + timedelta(days=self.pays), Receive(invoice["Id"]))


def forgotten(doc: Doc) -> None:
    """Nothing is wrong with the document: nobody will ever settle it."""
    del doc


def no_vendor(doc: Doc) -> None:
    doc.pop("VendorRef")


def unknown_customer(doc: Doc) -> None:
    doc["CustomerRef"] = ref("9911")


def no_due_date(doc: Doc) -> None:
    doc.pop("DueDate")


def negative(doc: Doc) -> None:
    for line in doc["Line"]:
        line["Amount"] = amount(-decimal(line["Amount"]))
    doc["TotalAmt"] = doc["Balance"] = amount(-decimal(doc["TotalAmt"]))


def _card_twin(life: Life, today: date) -> None:
    del today
    line = ("Office Expenses", Decimal("1289.40"), "Standing desks")
    life.spend("Granite Office Furniture", "Company Visa", [line])


def _petty_cash(life: Life, today: date) -> None:
    del today
    line = ("Meals and Entertainment", Decimal("218.40"), "Coffee, team day")
    life.spend("Copper Kettle Coffee", "Petty Cash", [line])


def _unapplied_payment(life: Life, today: date) -> None:
    del today
    life.create(
        "Payment",
        {
            "CustomerRef": ref(life.customers["Sellwood Motors"]),
            "TotalAmt": Decimal("1500.00"),
            "PaymentMethodRef": ref("2"),
            "PaymentRefNum": "20417",
        },
    )


def _unused_vendor_credit(life: Life, today: date) -> None:
    del today
    life.create(
        "VendorCredit",
        {
            "VendorRef": ref(life.vendors["Foxglove Signs"]),
            "DocNumber": "CR-0417",
            "PrivateNote": "Misprinted panel",
            "Line": [life.expense_line("Cost of Goods Sold", Decimal("96.00"), "Panel returned")],
        },
    )


def _unused_credit_memo(life: Life, today: date) -> None:
    del today
    line = {
        "Description": "Goodwill for late proofs",
        "Amount": Decimal("450.00"),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": ref(life.items["Design"])},
    }
    life.create("CreditMemo", {"CustomerRef": ref(life.customers["Union Street Market"]), "Line": [line]})


def _close_old_mill(life: Life, today: date) -> None:
    del today
    inactivate(life.company, "Vendor", life.vendors["Old Mill Storage"], life.now())


def _file_account(life: Life, today: date) -> None:
    """Settings someone made: a note on a vendor, with nothing else changed."""
    del today
    vendor = life.company.get("Vendor", life.vendors["Northshore Print & Supply"])
    writes.update(
        life.company,
        "Vendor",
        {"Id": vendor["Id"], "SyncToken": vendor["SyncToken"], "sparse": True, "AcctNum": "HP-2207"},
        life.now(),
    )


# Days before today, and what was booked on them.
_STAGE: tuple[tuple[int, _Act], ...] = (
    (300, _file_account),
    (262, OpenBill("Summit Trade Shows", "Advertising", "1875.00", "STS-118", due=-232, spoilt=forgotten)),
    (254, OpenInvoice("Gable Law Office", "2240.00", due=-214)),
    (96, OpenInvoice("Marlowe Records", "4815.50", due=-58, pays=37)),
    (71, OpenInvoice("Corner Bakery of St. Johns", "1380.00", due=-41, pays=25)),
    (62, OpenInvoice("Kite & Key Toys", "3265.00", due=-27, sent=False)),
    (48, OpenInvoice("Sellwood Motors", "5920.75", due=-18, pays=40)),
    (47, _petty_cash),
    (44, OpenInvoice("Union Street Market", "3310.20", due=-14, pays=16)),
    (43, OpenBill("Foxglove Signs", "Cost of Goods Sold", "1164.30", "FS-2291")),
    (41, _unused_vendor_credit),
    (39, OpenBill("Harborview Cleaning", "Repairs & Maintenance", "287.45", due=-9, spoilt=no_vendor)),
    (38, OpenBill("Old Mill Storage", "Rent or Lease", "210.00", "1187", due=-8)),
    (36, OpenBill("Lakeside Coworking", "Rent or Lease", "525.00", due=-21, text="Meeting rooms")),
    (33, _unused_credit_memo),
    (31, OpenBill("Granite Office Furniture", "Office Expenses", "1289.40", "GF-7713", due=-1, text="Standing desks")),
    (30, OpenBill("Blue Heron Photography", "Subcontractors", "1412.60", "BH-0921", due=0)),
    (28, _card_twin),
    (27, _close_old_mill),
    (26, _unapplied_payment),
    (24, OpenBill("O'Brien & Söhne <Ltd>", "Supplies & Materials", "1420.75", "OB/77-3")),
    (23, OpenBill("Silverline Web Hosting", "Software & Hosting", "2388.00", "SW-2026", text="Annual plan")),
    (22, OpenInvoice("Tern Bicycles", "2790.00", due=8, pays=21, spoilt=unknown_customer)),
    (21, OpenBill("Kessler Copywriting", "Subcontractors", "1035.00", "KC-88", due=6)),
    (20, OpenBill("Redwood Couriers", "Shipping & Postage", "94.15", due=-26)),
    (19, OpenBill("Quill & Ink Supplies", "Supplies & Materials", "640.18")),
    (18, OpenBill("Sato Motion", "Subcontractors", "2175.00", "SM-340")),
    (17, OpenBill("Kessler Copywriting", "Subcontractors", "1041.20", due=9)),
    (15, OpenBill("Lakeside Coworking", "Rent or Lease", "525.00", "LC-1192", text="Meeting rooms")),
    (13, OpenBill("Mireille Dufour Illustration", "Subcontractors", "1580.00", "MD-61")),
    (12, OpenBill("Mireille Dufour Illustration", "Subcontractors", "1580.00", "MD-61")),
    (12, OpenBill("Brightside Mutual Insurance", "Insurance", "6412.00", "BMI-26-114", text="Liability, 12 months")),
    (11, OpenBill("Juniper Catering", "Meals and Entertainment", "184.20", spoilt=negative)),
    (10, OpenBill("*Approved* <!channel>", "Advertising", "389.90", "A-1")),
    (9, OpenBill("City of Portland Water", "Utilities", "173.08", spoilt=no_due_date)),
    (8, OpenBill("Diego Alvarez Development", "Ask My Accountant", "2240.00", "DA-77")),
    (8, OpenInvoice("Rosewater Skincare", "4460.00", pays=33)),
    (7, OpenBill("Paperhaus GmbH", "", "742.30", "PH-2206", text="Cover stock")),
    (6, OpenBill("Northshore Print & Supply", "Cost of Goods Sold", "3128.75", "INV-88213", text="Catalog run")),
    (5, OpenBill("Juniper Catering", "Uncategorized Expense", "236.10", "JC-404")),
    (4, OpenBill("Summit Trade Shows", "Advertising", "6900.00", "STS-204", text="Booth deposit")),
    (3, OpenInvoice("Westfall Architects", "7935.00", pays=31)),
)


def stage_demo(life: Life, day: date, today: date) -> None:
    """Called before each day with the day the visitor calls today."""
    for before, act in _STAGE:
        if today - timedelta(days=before) == day:
            act(life, today)


def dirty_day(life: Life, day: date, today: date) -> None:
    """A careless bookkeeper: one day in three something is spoilt that nobody will ever repair."""
    luck = life.chance("dirt", day)
    if day.weekday() >= 5 or luck.random() > 0.33:
        return
    vendor, customer = luck.choice(sorted(life.vendors)), luck.choice(sorted(life.customers))
    value = f"{luck.uniform(40, 2400):.2f}"
    due = (day - today).days + luck.choice((-9, 0, 0, 30))
    acts: tuple[_Act, ...] = (
        OpenBill(vendor, "Office Expenses", value, spoilt=no_vendor),
        OpenBill(vendor, "Office Expenses", value, spoilt=no_due_date),
        OpenBill(vendor, "Office Expenses", value, spoilt=negative),
        OpenBill(vendor, "", value, due=due),
        OpenBill(vendor, "Uncategorized Expense", value, due=due),
        OpenBill(vendor, "Ask My Accountant", value, number=f"D{day:%j}", due=due),
        OpenInvoice(customer, value, spoilt=unknown_customer),
        OpenInvoice(customer, value, due=due, sent=False),
    )
    act = luck.choice(acts)
    act(life, today)
    if luck.random() < 0.2:
        act(life, today)
