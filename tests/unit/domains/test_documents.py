"""What the stored documents say, whatever key they say it under."""

import pytest

from domains.documents import decode_transaction, every_line, id_of


@pytest.mark.parametrize(
    "detail",
    [
        '"AccountBasedExpenseLineDetail": {"AccountRef": {"value": "86"}}',
        '"DiscountLineDetail": {"PercentBased": true, "DiscountAccountRef": {"value": "86"}}',
    ],
)
def test_a_line_names_the_account_it_posts_to(detail: str) -> None:
    document = decode_transaction(f'{{"Id": "1", "Line": [{{"Amount": "50.25", {detail}}}]}}')
    (line,) = every_line(document.line)
    assert id_of(line.detail.account_ref) == "86"
