"""What QuickBooks knows about each entity: its kind, its default order, which properties a query may use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    TRANSACTION = "transaction"
    NAME_LIST = "name list"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity of the Accounting API.

    `counted`: a page of it carries `totalCount`. `captured`: change data capture covers it. `has_active`: rows can be
    made inactive and are hidden then. `queryable`: properties a WHERE or ORDERBY may name beside Id and MetaData.
    """

    name: str
    kind: Kind
    order_by: str = ""
    counted: bool = False
    captured: bool = True
    has_active: bool = False
    queryable: frozenset[str] = frozenset()


def _transaction(name: str, *queryable: str, counted: bool = False) -> Entity:
    return Entity(name, Kind.TRANSACTION, counted=counted, queryable=frozenset(queryable) | {"TxnDate"})


def _names(name: str, order_by: str, *queryable: str, captured: bool = True) -> Entity:
    fields = frozenset(queryable) | {"Active", order_by}
    return Entity(name, Kind.NAME_LIST, order_by, captured=captured, has_active=True, queryable=fields)


def _other(name: str, *queryable: str, captured: bool = True) -> Entity:
    return Entity(name, Kind.OTHER, captured=captured, queryable=frozenset(queryable))


_PEOPLE = ("GivenName", "MiddleName", "FamilyName", "CompanyName", "PrintOnCheckName", "Balance", "DisplayName")

_ALL = (
    _names(
        "Account",
        "Name",
        "FullyQualifiedName",
        "Classification",
        "AccountType",
        "AccountSubType",
        "CurrentBalance",
        "AcctNum",
        "SubAccount",
        "ParentRef",
        "CurrencyRef",
    ),
    _names("Vendor", "DisplayName", *_PEOPLE, "Vendor1099", "AcctNum", "PrimaryEmailAddr", "PrimaryPhone"),
    _names("Customer", "FullyQualifiedName", *_PEOPLE, "Job", "Taxable", "ParentRef", "PrimaryEmailAddr"),
    _names("Employee", "DisplayName", "GivenName", "MiddleName", "FamilyName", "PrintOnCheckName"),
    _names("Item", "Name", "FullyQualifiedName", "Type", "Sku", "UnitPrice", "PurchaseCost", "QtyOnHand"),
    _names("Term", "Name", "Type", "DueDays"),
    _names("PaymentMethod", "Name", "Type"),
    _names("Class", "FullyQualifiedName", "Name"),
    _names("Department", "FullyQualifiedName", "Name"),
    _transaction(
        "Bill", "VendorRef", "DueDate", "DocNumber", "TotalAmt", "Balance", "APAccountRef", "SalesTermRef", counted=True
    ),
    _transaction("BillPayment", "VendorRef", "DocNumber", "TotalAmt", "PayType", counted=True),
    _transaction("VendorCredit", "VendorRef", "DocNumber", "TotalAmt", "Balance", "APAccountRef"),
    _transaction(
        "Invoice",
        "CustomerRef",
        "DueDate",
        "DocNumber",
        "TotalAmt",
        "Balance",
        "EmailStatus",
        "SalesTermRef",
        counted=True,
    ),
    _transaction("Payment", "CustomerRef", "TotalAmt", "UnappliedAmt", "PaymentMethodRef", "DepositToAccountRef"),
    _transaction("CreditMemo", "CustomerRef", "DocNumber", "TotalAmt", "Balance", "RemainingCredit"),
    _transaction("SalesReceipt", "CustomerRef", "DocNumber", "TotalAmt", "Balance", "DepositToAccountRef"),
    _transaction("RefundReceipt", "CustomerRef", "DocNumber", "TotalAmt", "Balance"),
    _transaction("Purchase", "AccountRef", "EntityRef", "DocNumber", "TotalAmt", "PaymentType"),
    _transaction("Deposit", "DepositToAccountRef", "DocNumber", "TotalAmt", counted=True),
    _transaction("Transfer", "FromAccountRef", "ToAccountRef", "Amount"),
    _transaction("JournalEntry", "DocNumber", "TotalAmt", "Adjustment", counted=True),
    _transaction("Estimate", "CustomerRef", "DocNumber", "TotalAmt", "TxnStatus"),
    _transaction("PurchaseOrder", "VendorRef", "DocNumber", "TotalAmt", "POStatus", counted=True),
    Entity("TimeActivity", Kind.TRANSACTION, captured=False, queryable=frozenset({"TxnDate", "EmployeeRef"})),
    _other("Attachable", "FileName", "Note", "AttachableRef"),
    _other("CompanyInfo", captured=False),
    _other("Preferences", captured=False),
    _other("Budget", "Active", "Name"),
    _other("CompanyCurrency", "Active", "Code", captured=False),
    _other("CustomerType", "Name", captured=False),
    _other("ExchangeRate", "SourceCurrencyCode", "AsOfDate", captured=False),
    _other("JournalCode", "Name", captured=False),
    _other("RecurringTransaction", captured=False),
    _other("TaxAgency", "Name", captured=False),
    _other("TaxCode", "Active", "Name", captured=False),
    _other("TaxRate", "Active", "Name", captured=False),
)

ENTITIES = {entity.name: entity for entity in _ALL}
_BY_LOWER = {name.lower(): entity for name, entity in ENTITIES.items()}

TRANSACTIONS = tuple(entity.name for entity in _ALL if entity.kind is Kind.TRANSACTION)
NAME_LISTS = tuple(entity.name for entity in _ALL if entity.kind is Kind.NAME_LIST)

# DisplayName is unique across these three.
PEOPLE = ("Customer", "Vendor", "Employee")

# Which list a reference of that name points into, for every reference whose name alone says so.
REF_TARGETS = {
    "VendorRef": "Vendor",
    "CustomerRef": "Customer",
    "EmployeeRef": "Employee",
    "ItemRef": "Item",
    "SalesTermRef": "Term",
    "TermRef": "Term",
    "PaymentMethodRef": "PaymentMethod",
    "ClassRef": "Class",
    "DepartmentRef": "Department",
    "AccountRef": "Account",
    "APAccountRef": "Account",
    "ARAccountRef": "Account",
    "BankAccountRef": "Account",
    "CCAccountRef": "Account",
    "DepositToAccountRef": "Account",
    "FromAccountRef": "Account",
    "ToAccountRef": "Account",
    "ItemAccountRef": "Account",
    "DiscountAccountRef": "Account",
    "IncomeAccountRef": "Account",
    "ExpenseAccountRef": "Account",
    "AssetAccountRef": "Account",
}


def find_entity(name: str) -> Entity | None:
    """By name in any case, as paths and statements spell it."""
    return _BY_LOWER.get(name.lower())


def display_field(entity: str) -> str:
    """The property that holds the name other documents show."""
    if entity in PEOPLE:
        return "DisplayName"
    return "FullyQualifiedName" if entity in {"Account", "Item", "Class", "Department"} else "Name"
