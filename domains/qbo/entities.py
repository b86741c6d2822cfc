"""What the API can do with each kind of record, and in which order a first sync takes them."""

from domains.mirror import Entity

# Kinds with an Active flag: a query without `Active IN (true, false)` hides what was made inactive.
LISTS = frozenset({Entity.ACCOUNT, Entity.TERM, Entity.VENDOR, Entity.CUSTOMER})
# One record each, neither counted nor reported by change data capture.
SINGLES = (Entity.COMPANY_INFO, Entity.PREFERENCES)
MANY = tuple(entity for entity in Entity if entity not in SINGLES)
# Documents that move cash.
CASH = frozenset(
    {
        Entity.BILL_PAYMENT,
        Entity.PAYMENT,
        Entity.PURCHASE,
        Entity.DEPOSIT,
        Entity.TRANSFER,
        Entity.JOURNAL_ENTRY,
        Entity.SALES_RECEIPT,
        Entity.REFUND_RECEIPT,
    }
)
# Names that can be merged into one, and the keys by which other records point to them.
POINTERS = {
    Entity.VENDOR: "VendorRef|EntityRef|Entity",
    Entity.CUSTOMER: "CustomerRef|EntityRef|Entity|ParentRef",
    Entity.ACCOUNT: r"\w*AccountRef|ParentRef",
}
BY_LOWER_NAME = {entity.lower(): entity for entity in Entity}


def find_entity(name: str) -> Entity | None:
    """By a name in any case, as webhooks write it."""
    return BY_LOWER_NAME.get(name.lower())
