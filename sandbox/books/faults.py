"""The refusals of the books, with the codes and words QuickBooks uses for them."""

from __future__ import annotations


class BookFault(Exception):
    """A write or read that QuickBooks refuses.

    `code` is Intuit's error code, `kind` its fault type, `http` the status it comes with.
    """

    def __init__(
        self,
        code: str,
        message: str,
        detail: str,
        *,
        element: str | None = "",
        kind: str = "ValidationFault",
        http: int = 400,
    ) -> None:
        super().__init__(f"{code} {message}: {detail}")
        self.code = code
        self.message = message
        self.detail = detail
        self.element = element
        self.kind = kind
        self.http = http


def object_not_found() -> BookFault:
    return BookFault(
        "610",
        "Object Not Found",
        "Object Not Found : Something you're trying to use has been made inactive. "
        "Check the fields with accounts, customers, items, vendors or employees.",
    )


def stale_object(other: str = "another user") -> BookFault:
    return BookFault(
        "5010",
        "Stale Object Error",
        f"Stale Object Error : You and {other} were working on this at the same time. "
        f"{other} finished before you did, so your work was not saved.",
    )


def missing_parameter(name: str) -> BookFault:
    return BookFault(
        "2020",
        "Required param missing, need to supply the required value for the API",
        f"Required parameter {name} is missing in the request",
        element=name,
    )


def invalid_id(value: str) -> BookFault:
    return BookFault("2030", "Invalid ID", f"Id should be a valid number. Supplied value:{value}", element="Id")


def too_long(element: str, limit: int) -> BookFault:
    return BookFault("2050", "Length exceeds limit", f"Length of the field exceeds {limit} chars", element=element)


def illegal_number(element: str, value: object) -> BookFault:
    return BookFault(
        "2080", "Illegal number format", f"{element} should be a number. Supplied value:{value}", element=element
    )


def invalid_reference(element: str, value: str) -> BookFault:
    return BookFault(
        "2500",
        "Invalid Reference Id",
        f"Invalid Reference Id : {element} element id {value} not found",
        element=element,
    )


def unknown_property(name: str, entity: str) -> BookFault:
    return BookFault(
        "2010",
        "Request has invalid or unsupported property",
        f'Property Name:Unrecognized field "{name}" (class com.intuit.schema.finance.v3.{entity}), '
        "not marked as ignorable specified is unsupported or invalid",
        element=None,
    )


def business_rule(detail: str) -> BookFault:
    return BookFault(
        "6000",
        "A business validation error has occurred while processing your request",
        f"Business Validation Error: {detail}",
    )


def duplicate_number(number: str, kind: str, txn_id: str) -> BookFault:
    return BookFault(
        "6140",
        "Duplicate Document Number Error",
        "Duplicate Document Number Error : You must specify a different number. This number has already been used. "
        f"DocNumber={number} is assigned to TxnType={kind} with TxnId={txn_id}",
    )


def duplicate_name() -> BookFault:
    return BookFault("6240", "Duplicate Name Exists Error", "The name supplied already exists. : null", element=None)


def closed_period() -> BookFault:
    return BookFault(
        "6210",
        "Account Period Closed, Cannot Update Through Services API",
        "Account Period Closed, Cannot Update Through Services API : The account period has closed and the account "
        "books cannot be updated through through the QBO Services API. "
        "Please use the QBO website to make these changes.",
    )


def unsupported_operation(what: str) -> BookFault:
    return BookFault("500", "Unsupported Operation", f"Operation {what} is not supported.", element=None)
