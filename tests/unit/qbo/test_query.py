"""Statements as QuickBooks reads them: nothing in a value can leave its quotes."""

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from domains.mirror import Entity
from domains.qbo import query


def test_a_page_is_bounded_ordered_and_one_based() -> None:
    zone = timezone(timedelta(hours=-8))
    since = datetime(2026, 11, 3, 16, 20, 45, tzinfo=zone)
    assert query.page(Entity.BILL, since=since, until=since + timedelta(days=1), skip=2) == (
        "SELECT * FROM Bill WHERE MetaData.LastUpdatedTime >= '2026-11-04T00:20:45Z'"
        " AND MetaData.LastUpdatedTime < '2026-11-05T00:20:45Z'"
        " ORDERBY MetaData.LastUpdatedTime ASC STARTPOSITION 3 MAXRESULTS 1000"
    )


def test_lists_are_asked_for_with_what_was_made_inactive() -> None:
    assert query.count(Entity.VENDOR) == "SELECT COUNT(*) FROM Vendor WHERE Active IN (true, false)"
    assert query.count(Entity.BILL) == "SELECT COUNT(*) FROM Bill"


@given(st.text())
def test_no_value_leaves_its_quotes(value: str) -> None:
    inner = query.quoted(value)[1:-1]
    bare = inner.replace("\\\\", "").replace("\\'", "")
    assert "'" not in bare
    assert not bare.endswith("\\")
