"""The lists a new company starts with: accounts, terms, payment methods, items."""

from __future__ import annotations

from datetime import datetime

from sandbox.books import writes
from sandbox.books.company import Company
from sandbox.books.values import CURRENCY_NAMES, Doc, meta, ref

# name, AccountType, AccountSubType; "Parent:Child" makes a sub-account.
ACCOUNTS = (
    ("Operating Checking", "Bank", "Checking"),
    ("Tax Savings", "Bank", "Savings"),
    ("Petty Cash", "Bank", "CashOnHand"),
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("Prepaid Expenses", "Other Current Asset", "PrepaidExpenses"),
    ("Uncategorized Asset", "Other Current Asset", "OtherCurrentAssets"),
    ("Equipment", "Fixed Asset", "MachineryAndEquipment"),
    ("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    ("Company Visa", "Credit Card", "CreditCard"),
    ("Payroll Liabilities", "Other Current Liability", "PayrollTaxPayable"),
    ("Sales Tax Payable", "Other Current Liability", "GlobalTaxPayable"),
    ("Equipment Loan", "Long Term Liability", "NotesPayable"),
    ("Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    ("Owner's Draw", "Equity", "OwnersEquity"),
    ("Owner's Contribution", "Equity", "PaidInCapitalOrSurplus"),
    ("Retained Earnings", "Equity", "RetainedEarnings"),
    ("Service Revenue", "Income", "ServiceFeeIncome"),
    ("Service Revenue:Retainers", "Income", "ServiceFeeIncome"),
    ("Service Revenue:Projects", "Income", "ServiceFeeIncome"),
    ("Product Sales", "Income", "SalesOfProductIncome"),
    ("Discounts given", "Income", "DiscountsRefundsGiven"),
    ("Uncategorized Income", "Income", "OtherPrimaryIncome"),
    ("Unapplied Cash Payment Income", "Income", "UnappliedCashPaymentIncome"),
    ("Interest Earned", "Other Income", "InterestEarned"),
    ("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    ("Subcontractors", "Cost of Goods Sold", "CostOfLaborCos"),
    ("Advertising", "Expense", "AdvertisingPromotional"),
    ("Ask My Accountant", "Expense", "OtherMiscellaneousServiceCost"),
    ("Bank Charges", "Expense", "BankCharges"),
    ("Dues & Subscriptions", "Expense", "DuesSubscriptions"),
    ("Equipment Rental", "Expense", "EquipmentRental"),
    ("Insurance", "Expense", "Insurance"),
    ("Interest Expense", "Expense", "InterestPaid"),
    ("Legal & Professional Fees", "Expense", "LegalProfessionalFees"),
    ("Legal & Professional Fees:Accounting", "Expense", "LegalProfessionalFees"),
    ("Legal & Professional Fees:Lawyer", "Expense", "LegalProfessionalFees"),
    ("Meals and Entertainment", "Expense", "EntertainmentMeals"),
    ("Office Expenses", "Expense", "OfficeGeneralAdministrativeExpenses"),
    ("Payroll Expenses", "Expense", "PayrollExpenses"),
    ("Payroll Expenses:Taxes", "Expense", "PayrollExpenses"),
    ("Payroll Expenses:Wages", "Expense", "PayrollExpenses"),
    ("Rent or Lease", "Expense", "RentOrLeaseOfBuildings"),
    ("Repairs & Maintenance", "Expense", "RepairMaintenance"),
    ("Shipping & Postage", "Expense", "ShippingFreightDelivery"),
    ("Software & Hosting", "Expense", "OfficeGeneralAdministrativeExpenses"),
    ("Supplies & Materials", "Expense", "SuppliesMaterials"),
    ("Taxes & Licenses", "Expense", "TaxesPaid"),
    ("Travel", "Expense", "Travel"),
    ("Uncategorized Expense", "Expense", "OtherMiscellaneousServiceCost"),
    ("Utilities", "Expense", "Utilities"),
    ("Utilities:Internet & Phone", "Expense", "Utilities"),
    ("Vehicle & Fuel", "Expense", "Auto"),
    ("Exchange Gain or Loss", "Other Expense", "ExchangeGainOrLoss"),
)

# name, due days, discount days, discount percent
TERMS = (
    ("Due on receipt", 0, 0, 0),
    ("Net 10", 10, 0, 0),
    ("Net 15", 15, 0, 0),
    ("Net 30", 30, 0, 0),
    ("Net 45", 45, 0, 0),
    ("Net 60", 60, 0, 0),
    ("2% 10 Net 30", 30, 10, 2),
)

ITEMS = (
    ("Retainer", "Service Revenue:Retainers"),
    ("Design", "Service Revenue:Projects"),
    ("Development", "Service Revenue:Projects"),
    ("Consulting", "Service Revenue"),
    ("Goods", "Product Sales"),
)

_METHODS = (
    ("Cash", "NON_CREDIT_CARD"),
    ("Check", "NON_CREDIT_CARD"),
    ("ACH", "NON_CREDIT_CARD"),
    ("Visa", "CREDIT_CARD"),
)


def furnish(company: Company, at: datetime, currencies: tuple[str, ...] = ()) -> None:
    """Create the standard lists; one A/P and one A/R account for each further currency."""
    for name, kind, sub_type in ACCOUNTS:
        add_account(company, name, kind, sub_type, at)
    for code in currencies:
        for side, kind in (("A/P", "Accounts Payable"), ("A/R", "Accounts Receivable")):
            add_account(company, f"{kind} ({side}) - {code}", kind, kind.replace(" ", ""), at, currency=code)
    for name, due, discount_days, percent in TERMS:
        term: Doc = {"Name": name, "Type": "STANDARD", "DueDays": due}
        if percent:
            term |= {"DiscountPercent": percent, "DiscountDays": discount_days}
        writes.create(company, "Term", term, at)
    for name, kind in _METHODS:
        writes.create(company, "PaymentMethod", {"Name": name, "Type": kind}, at)
    for name, income in ITEMS:
        item = {"Name": name, "Description": name, "IncomeAccountRef": ref(named(company, "Account", income))}
        writes.create(company, "Item", item, at)


def add_account(
    company: Company, name: str, kind: str, sub_type: str, at: datetime, *, currency: str | None = None
) -> str:
    parent, _, leaf = name.rpartition(":")
    payload: Doc = {"Name": leaf, "AccountType": kind, "AccountSubType": sub_type}
    if parent:
        payload["ParentRef"] = ref(named(company, "Account", parent))
    if currency:
        payload["CurrencyRef"] = ref(currency, CURRENCY_NAMES[currency])
    return str(writes.create(company, "Account", payload, at)["Id"])


def named(company: Company, entity: str, name: str) -> str:
    """The id of a list row by its full name; raises KeyError when there is none."""
    keys = ("FullyQualifiedName", "DisplayName", "Name")
    for doc in company.docs(entity):
        if any(doc.get(key) == name for key in keys):
            return str(doc["Id"])
    raise KeyError(f"{entity} {name}")


def add_company_rows(company: Company, at: datetime, industry: str) -> None:
    """CompanyInfo and Preferences: one row each, Id 1."""
    common = {"domain": "QBO", "sparse": False, "Id": "1", "SyncToken": "4", "MetaData": meta(at)}
    company.put("CompanyInfo", {**company_info(company, at, industry), **common})
    company.put("Preferences", {**preferences(company), **common})


def company_info(company: Company, at: datetime, industry: str) -> Doc:
    address = {
        "Id": "1",
        "Line1": "410 SE Alder St",
        "City": "Portland",
        "Country": "USA",
        "CountrySubDivisionCode": "OR",
        "PostalCode": "97214",
    }
    return {
        "CompanyName": company.name,
        "LegalName": company.name,
        "CompanyAddr": address,
        "CustomerCommunicationAddr": address,
        "LegalAddr": address,
        "CustomerCommunicationEmailAddr": {"Address": "hello@company.example"},
        "PrimaryPhone": {},
        "CompanyStartDate": at.date().isoformat(),
        "FiscalYearStartMonth": "January",
        "Country": "USA",
        "Email": {"Address": "owner@company.example"},
        "WebAddr": {},
        "SupportedLanguages": "en",
        "DefaultTimeZone": "America/Los_Angeles",
        "NameValue": [
            {"Name": "SubscriptionStatus", "Value": "PAID"},
            {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
            {"Name": "IndustryType", "Value": industry},
            {"Name": "PayrollFeature", "Value": "false"},
        ],
    }


def preferences(company: Company) -> Doc:
    accounting: Doc = {
        "FirstMonthOfFiscalYear": "January",
        "UseAccountNumbers": False,
        "TrackDepartments": False,
        "ClassTrackingPerTxn": False,
        "ClassTrackingPerTxnLine": False,
        "CustomerTerminology": "Customers",
    }
    if company.close_date:
        accounting["BookCloseDate"] = company.close_date
    return {
        "AccountingInfoPrefs": accounting,
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": False,
        },
        "SalesFormsPrefs": {
            "CustomTxnNumbers": False,
            "AllowDeposit": False,
            "AllowDiscount": True,
            "AllowEstimates": True,
            "ETransactionEnabledStatus": "NotApplicable",
        },
        "EmailMessagesPrefs": {
            "InvoiceMessage": {"Subject": f"Invoice from {company.name}", "Message": "Please see attached."}
        },
        "VendorAndPurchasesPrefs": {
            "EnableBills": True,
            "TrackingByCustomer": True,
            "BillableExpenseTracking": False,
            "DaysBillsAreDue": 15,
        },
        "TimeTrackingPrefs": {"UseServices": True, "BillCustomers": True, "WorkWeekStartDate": "Monday"},
        "TaxPrefs": {"UsingSalesTax": False},
        "CurrencyPrefs": {"MultiCurrencyEnabled": company.multicurrency, "HomeCurrency": ref(company.currency)},
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "OtherPrefs": {
            "NameValue": [{"Name": "Vendor1099Enabled", "Value": "true"}, {"Name": "ProjectsEnabled", "Value": "false"}]
        },
    }
