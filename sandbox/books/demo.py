"""Harbor & Pine Studio: the company a visitor meets first. Nine people, a design agency, cash that will get tight."""

from __future__ import annotations

from sandbox.books.blemishes import stage_demo
from sandbox.books.build import Character
from sandbox.books.life import CHECKING, Person, Rhythm
from sandbox.books.people import email_of
from sandbox.books.rhythms import (
    Bills,
    CardPayoff,
    Charges,
    Lateness,
    LoanPayment,
    Payroll,
    Transfers,
    VendorCredits,
    When,
    monthly,
    now_and_then,
    quarterly,
)
from sandbox.books.sales import CreditMemos, DepositRun, Invoices

_LATE = Lateness(5, 5)
_SLOW = Lateness(12, 7, split=0.08)

# name, terms, contact
_VENDORS = (
    ("Alder Street Properties", "Net 10", ("Grace", "Okafor")),
    ("Cascade Health Plans", "Net 15", None),
    ("Northshore Print & Supply", "2% 10 Net 30", ("Renée", "Côté")),
    ("Tidewater Accounting", "Net 15", ("Omar", "Haddad")),
    ("Robertson & Lund LLP", "Net 30", ("Jenny", "Robertson")),
    ("Crestline Equipment Leasing", "Net 30", None),
    ("AT&T", "Net 15", None),
    ("Willamette Power", "Net 15", None),
    ("City of Portland Water", "Net 30", None),
    ("O'Brien & Söhne <Ltd>", "Net 30", ("Declan", "O'Brien")),
    ("*Approved* <!channel>", "Net 15", None),
    ("Mireille Dufour Illustration", "Net 15", ("Mireille", "Dufour")),
    ("Sato Motion", "Net 30", ("Yuki", "Sato")),
    ("Kessler Copywriting", "Net 15", ("Lena", "Kessler")),
    ("Blue Heron Photography", "Net 30", ("Nora", "Quinn")),
    ("Diego Alvarez Development", "Net 15", ("Diego", "Alvarez")),
    ("Foxglove Signs", "Net 30", None),
    ("Granite Office Furniture", "Net 30", None),
    ("Harborview Cleaning", "Net 15", ("Ana", "Barros")),
    ("Meridian IT Care", "Net 30", ("Piotr", "Novak")),
    ("Redwood Couriers", "Net 15", None),
    ("Columbia Bank Loans", "", None),
    ("Gusto Payroll", "", None),
    ("Figment Design Suite", "", None),
    ("Cloudhost Inc", "", None),
    ("Pixelstock", "", None),
    ("Mailgrove", "", None),
    ("Slipstream Fonts", "", None),
    ("Notable Docs", "", None),
    ("Oregon Dept. of Revenue", "", None),
    ("Brightside Mutual Insurance", "Net 30", None),
    ("Juniper Catering", "Net 15", None),
    ("Lakeside Coworking", "Net 15", None),
    ("Paperhaus GmbH", "Net 45", ("Felix", "Marsh")),
    ("Summit Trade Shows", "Net 30", None),
    ("Copper Kettle Coffee", "Due on receipt", None),
    ("Northgate Electric", "Net 30", None),
    ("Silverline Web Hosting", "Net 30", None),
    ("Old Mill Storage", "Net 10", None),
    ("Quill & Ink Supplies", "", None),
)
# name, terms, e-mail known
_CUSTOMERS = (
    ("Fjord Café", "Net 30", True),
    ("Weiskopf & Sons", "Net 30", True),
    ("Stonebridge Hotels", "Net 45", True),
    ("Prairie Dental Group", "Net 15", True),
    ("Ironwood Brewing Co.", "Net 30", True),
    ("Lumen Yoga", "Net 15", True),
    ("Westfall Architects", "Net 30", True),
    ("Cedar & Vine", "Net 30", True),
    ("Beacon Pediatrics", "Net 30", True),
    ("Harper Realty", "Net 15", True),
    ("Kite & Key Toys", "Net 30", True),
    ("Åkerlund Interiors", "Net 30", True),
    ("Marlowe Records", "Net 30", True),
    ("Tern Bicycles", "Net 30", True),
    ("Pioneer Credit Union", "Net 45", True),
    ("Rosewater Skincare", "Net 30", True),
    ("Bright Acorn Academy", "Net 30", True),
    ("Halcyon Vineyards", "Net 30", True),
    ("Port of Astoria", "Net 60", True),
    ("Sellwood Motors", "Net 30", True),
    ("Thimble & Thread", "Net 15", True),
    ("Union Street Market", "Net 30", True),
    ("Verde Landscaping", "Net 30", True),
    ("Wildflower Foundation", "Net 30", True),
    ("Yamhill Roasters", "Net 15", True),
    ("Zephyr Fitness", "Net 30", True),
    ("Elm & Oak Furniture", "Net 30", True),
    ("Corner Bakery of St. Johns", "Net 15", False),
    ("Driftwood Press", "Net 30", True),
    ("Gable Law Office", "Net 30", True),
)
_VENDOR_PEOPLE = tuple(
    Person(name, email_of(name), terms, contact=contact, phone=f"(503) 555-01{index:02d}")
    for index, (name, terms, contact) in enumerate(_VENDORS)
)
_CUSTOMER_PEOPLE = tuple(
    Person(name, email_of(name) if known else "", terms, phone=f"(503) 555-02{index:02d}")
    for index, (name, terms, known) in enumerate(_CUSTOMERS)
)

_FIXED: tuple[Rhythm, ...] = (
    Payroll("14386.52", monthly(15, -1)),
    Bills(
        "Alder Street Properties",
        "Rent or Lease",
        "5480.00",
        monthly(20),
        text="Studio rent",
        number="R",
        late=Lateness(1, 1),
    ),
    Bills("Cascade Health Plans", "Insurance", "2918.44", monthly(12), 0.01, "Group health", "CHP-", Lateness(2, 2)),
    Bills(
        "Tidewater Accounting",
        "Legal & Professional Fees:Accounting",
        "850.00",
        monthly(3),
        text="Bookkeeping",
        number="TA",
        late=_LATE,
    ),
    Bills(
        "Crestline Equipment Leasing",
        "Equipment Rental",
        "742.50",
        monthly(8),
        text="Plotter lease",
        number="CL",
        late=_LATE,
    ),
    Bills("AT&T", "Utilities:Internet & Phone", "189.90", monthly(17), 0.04, "Fiber and phones", "ATT", by_card=True),
    Bills("Willamette Power", "Utilities", "231.70", monthly(24), 0.25, "Electricity", "WP", Lateness(4, 3)),
    Bills("Harborview Cleaning", "Repairs & Maintenance", "414.00", monthly(27), text="Cleaning", late=_LATE),
    LoanPayment("Columbia Bank Loans", "1264.11", "0.0725", monthly(10)),
    Charges("Gusto Payroll", "Dues & Subscriptions", "129.00", monthly(4), text="Payroll service"),
    Charges("Figment Design Suite", "Software & Hosting", "539.94", monthly(6), text="9 seats"),
    Charges("Cloudhost Inc", "Software & Hosting", "412.18", monthly(2), 0.12, text="Hosting"),
    Charges("Mailgrove", "Advertising", "284.00", monthly(14), 0.3),
    Charges(None, "Owner's Draw", "3850.00", monthly(5), source=CHECKING, text="Owner draw"),
    Transfers(CHECKING, "Tax Savings", "1975.00", monthly(16), "Set aside for taxes"),
    Charges(
        "Oregon Dept. of Revenue", "Taxes & Licenses", "5840.00", quarterly(15), 0.05, "Tax Savings", "Estimated tax"
    ),
    CardPayoff(monthly(22), as_purchase=True),
)
_IRREGULAR: tuple[Rhythm, ...] = (
    Bills(
        "Northshore Print & Supply", "Cost of Goods Sold", "1180.00", now_and_then(1.3), 0.5, "Printing", "INV-", _SLOW
    ),
    Bills(
        "Mireille Dufour Illustration", "Subcontractors", "1640.00", now_and_then(0.7), 0.4, "Illustration", "MD", _LATE
    ),
    Bills("Sato Motion", "Subcontractors", "2350.00", now_and_then(0.6), 0.4, "Animation", "SM-", _SLOW),
    Bills("Kessler Copywriting", "Subcontractors", "980.00", now_and_then(0.7), 0.35, "Copy", "", _LATE),
    Bills(
        "Diego Alvarez Development", "Subcontractors", "2890.00", now_and_then(0.6), 0.4, "Front-end work", "DA", _SLOW
    ),
    Bills("Blue Heron Photography", "Subcontractors", "1260.00", now_and_then(0.4), 0.4, "Shoot", "BH", _LATE),
    Bills("Meridian IT Care", "Repairs & Maintenance", "365.00", now_and_then(0.4), 0.5, "Support", "M", _LATE),
    Bills("Redwood Couriers", "Shipping & Postage", "86.40", now_and_then(0.5), 0.5, "Courier", "RC", _LATE),
    Bills(
        "Robertson & Lund LLP",
        "Legal & Professional Fees:Lawyer",
        "720.00",
        now_and_then(0.25),
        0.5,
        "Contracts",
        "",
        _SLOW,
    ),
    Charges("Juniper Catering", "Meals and Entertainment", "118.35", now_and_then(0.8), 0.5),
    Charges(None, "Travel", "342.00", now_and_then(0.6), 0.6, text="Train and hotel"),
    Charges("Pixelstock", "Supplies & Materials", "79.00", now_and_then(0.8), 0.4),
    VendorCredits("Northshore Print & Supply", "Cost of Goods Sold", "140.00", now_and_then(0.08)),
    CreditMemos("Fjord Café", "320.00", now_and_then(0.06)),
)
_RETAINERS = (
    ("Fjord Café", "3200.00", Lateness(5, 4)),
    ("Stonebridge Hotels", "8400.00", Lateness(17, 6)),
    ("Prairie Dental Group", "4150.00", Lateness(1, 2)),
    ("Ironwood Brewing Co.", "3600.00", Lateness(8, 6)),
    ("Pioneer Credit Union", "7250.00", Lateness(11, 5)),
    ("Halcyon Vineyards", "2950.00", Lateness(3, 3)),
)
_PROJECTS = tuple(name for name, _, _ in _CUSTOMERS if name not in {retained for retained, _, _ in _RETAINERS})
_INCOME: tuple[Rhythm, ...] = (
    *(Invoices(name, "Retainer", value, monthly(1), 0.0, "Monthly retainer", late) for name, value, late in _RETAINERS),
    *(
        Invoices(
            name,
            "Design" if index % 3 else "Development",
            f"{5200 + 640 * (index % 9)}.00",
            now_and_then(0.2),
            0.45,
            "Project work",
            Lateness(6 + index % 13, 8, split=0.15),
        )
        for index, name in enumerate(_PROJECTS)
    ),
    DepositRun(When(weekday=2)),
    DepositRun(When(weekday=4)),
)

DEMO = Character(
    key="harbor-pine",
    name="Harbor & Pine Studio LLC",
    industry="Graphic Design Services",
    history_days=548,
    rhythms=(*_INCOME, *_FIXED, *_IRREGULAR),
    vendors=_VENDOR_PEOPLE,
    customers=_CUSTOMER_PEOPLE,
    cash="38764.19",
    opening=(
        ("Tax Savings", "9120.55"),
        ("Petty Cash", "180.00"),
        ("Equipment", "41250.00"),
        ("Equipment Loan", "-46310.27"),
    ),
    stage=stage_demo,
)
