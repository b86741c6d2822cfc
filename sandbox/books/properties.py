"""Which properties a write may carry; anything else is refused by name, as QuickBooks does (2010)."""

from __future__ import annotations

from sandbox.books.faults import unknown_property
from sandbox.books.values import Doc

_COMMON = "Id SyncToken domain sparse status MetaData CustomField AttachableRef CustomExtensions"
_PARTY = (
    "DisplayName Title GivenName MiddleName FamilyName Suffix CompanyName PrintOnCheckName Active PrimaryPhone "
    "AlternatePhone Mobile Fax PrimaryEmailAddr WebAddr BillAddr OtherContactInfo CurrencyRef Balance AcctNum Notes "
    "V4IDPseudonym FullyQualifiedName"
)
_TXN = (
    "TxnDate DocNumber PrivateNote Line LinkedTxn CurrencyRef ExchangeRate TotalAmt HomeTotalAmt HomeBalance Balance "
    "DepartmentRef ClassRef TxnTaxDetail GlobalTaxCalculation RecurDataRef TxnSource TxnStatus TxnApprovalInfo Memo "
    "TransactionLocationType IncludeInAnnualTPAR Tag"
)
_SALES = (
    "CustomerRef CustomerMemo BillAddr ShipAddr ShipFromAddr FreeFormAddress SalesTermRef DueDate BillEmail "
    "BillEmailCc BillEmailBcc PrintStatus EmailStatus DeliveryInfo ApplyTaxAfterDiscount AllowIPNPayment "
    "AllowOnlinePayment AllowOnlineCreditCardPayment AllowOnlineACHPayment Deposit DepositToAccountRef InvoiceLink "
    "ShipDate ShipMethodRef TrackingNum PaymentMethodRef PaymentRefNum TaxExemptionRef EInvoiceStatus AutoDocNumber "
    "RemainingCredit InvoiceRef CreditCardPayment CheckPayment PaymentType ARAccountRef SalesRepRef PONumber"
)
_OWN = {
    "Account": "Name SubAccount ParentRef FullyQualifiedName Active Classification AccountType AccountSubType AcctNum "
    "Description CurrentBalance CurrentBalanceWithSubAccounts CurrencyRef TaxCodeRef OpeningBalance",
    "Vendor": f"{_PARTY} Vendor1099 TermRef BillRate CostRate TaxIdentifier TaxReportingBasis APAccountRef "
    "VendorPaymentBankDetail T4AEligible T5018Eligible HasTPAR GSTIN BusinessNumber",
    "Customer": f"{_PARTY} Taxable ShipAddr Job BillWithParent ParentRef Level SalesTermRef PaymentMethodRef "
    "BalanceWithJobs PreferredDeliveryMethod IsProject ClientEntityId DefaultTaxCodeRef ResaleNum OpenBalanceDate "
    "ARAccountRef PrimaryTaxIdentifier CustomerTypeRef",
    "Employee": f"{_PARTY} PrimaryAddr BillableTime BillRate HiredDate ReleasedDate EmployeeNumber SSN Gender "
    "BirthDate",
    "Item": "Name Sku Description Active SubItem ParentRef Level FullyQualifiedName Taxable UnitPrice Type "
    "IncomeAccountRef PurchaseDesc PurchaseCost ExpenseAccountRef AssetAccountRef TrackQtyOnHand QtyOnHand "
    "InvStartDate AbatementRate ItemCategoryType PurchaseTaxCodeRef PurchaseTaxIncluded ReverseChargeRate "
    "SalesTaxCodeRef SalesTaxIncluded ServiceType",
    "Term": "Name Active Type DueDays DiscountDays DiscountPercent DayOfMonthDue DueNextMonthDays DiscountDayOfMonth",
    "PaymentMethod": "Name Active Type",
    "Class": "Name Active SubClass ParentRef FullyQualifiedName",
    "Department": "Name Active SubDepartment ParentRef FullyQualifiedName Address",
    "Bill": f"{_TXN} VendorRef VendorAddr DueDate SalesTermRef APAccountRef RemitToAddr ShipAddr UnitPrice",
    "BillPayment": f"{_TXN} VendorRef PayType CheckPayment CreditCardPayment APAccountRef ProcessBillPayment",
    "VendorCredit": f"{_TXN} VendorRef VendorAddr APAccountRef FromAccountRef ToAccountRef",
    "Invoice": f"{_TXN} {_SALES}",
    "CreditMemo": f"{_TXN} {_SALES}",
    "SalesReceipt": f"{_TXN} {_SALES}",
    "RefundReceipt": f"{_TXN} {_SALES}",
    "Estimate": f"{_TXN} {_SALES} ExpirationDate AcceptedBy AcceptedDate",
    "PurchaseOrder": f"{_TXN} VendorRef VendorAddr APAccountRef ShipAddr POEmail POStatus EmailStatus DueDate",
    "Payment": f"{_TXN} CustomerRef DepositToAccountRef PaymentMethodRef PaymentRefNum UnappliedAmt ProcessPayment "
    "ARAccountRef CreditCardPayment TaxExemptionRef",
    "Purchase": f"{_TXN} AccountRef EntityRef PaymentType Credit PurchaseEx PrintStatus RemitToAddr PaymentMethodRef "
    "PaymentRefNum",
    "Deposit": f"{_TXN} DepositToAccountRef CashBack",
    "Transfer": f"{_TXN} FromAccountRef ToAccountRef Amount",
    "JournalEntry": f"{_TXN} Adjustment",
    "TimeActivity": f"{_TXN} EmployeeRef CustomerRef VendorRef NameOf ItemRef Hours Minutes HourlyRate Description "
    "BillableStatus Taxable",
    "Attachable": "FileName FileAccessUri TempDownloadUri Size ContentType Category Note Lat Long PlaceName Tag "
    "ThumbnailFileAccessUri ThumbnailTempDownloadUri IncludeOnSend",
    "CompanyInfo": "CompanyName LegalName CompanyAddr CustomerCommunicationAddr LegalAddr Country Email PrimaryPhone "
    "CustomerCommunicationEmailAddr CompanyStartDate FiscalYearStartMonth SupportedLanguages DefaultTimeZone NameValue "
    "WebAddr EmployerId",
    "Preferences": "AccountingInfoPrefs ProductAndServicesPrefs SalesFormsPrefs EmailMessagesPrefs TaxPrefs "
    "VendorAndPurchasesPrefs TimeTrackingPrefs CurrencyPrefs ReportPrefs OtherPrefs",
}
_KNOWN = {entity: frozenset(f"{_COMMON} {own}".split()) for entity, own in _OWN.items()}

WRITABLE = frozenset(_KNOWN)


def refuse_unknown(entity: str, payload: Doc, extra: Doc) -> None:
    """Raises BookFault 2010 on the first property Intuit's schema does not have (`extra`: fields this company adds)."""
    for name in payload:
        if name not in _KNOWN[entity] and name not in extra:
            raise unknown_property(name, entity)
