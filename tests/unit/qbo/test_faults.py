"""Whatever a fault is wrapped in, the class of the error says what to do next."""

import pytest
from msgspec import Raw

from domains.qbo.faults import (
    AccessLost,
    ObjectGone,
    QboFault,
    StaleObject,
    Throttled,
    TokenRejected,
    Unavailable,
    adopted_id,
    error_of,
    fault_of_item,
    find_fault,
)

UPPER = b'{"Fault":{"Error":[{"Message":"m","Detail":"d","code":"%s"}],"type":"%s"},"time":"2026-01-01T00:00:00Z"}'
LOWER = (
    b'{"warnings":null,"fault":{"error":[{"message":"m; errorCode=00%s; statusCode=1","detail":"d"}],"type":"SERVICE"}}'
)
XML = (
    b'<?xml version="1.0"?><IntuitResponse><Fault type="SERVICE">'
    b'<Error code="%s"><Message>m</Message></Error></Fault></IntuitResponse>'
)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, UPPER % (b"3200", b"AUTHENTICATION"), TokenRejected),
        (401, LOWER % b"3200", TokenRejected),
        (401, UPPER % (b"120", b"AuthorizationFault"), AccessLost),
        (403, LOWER % b"3100", AccessLost),
        (403, b"", AccessLost),
        (400, UPPER % (b"610", b"ValidationFault"), ObjectGone),
        (400, UPPER % (b"5010", b"ValidationFault"), StaleObject),
        (400, UPPER % (b"6000", b"ValidationFault"), QboFault),
        (400, UPPER % (b"4001", b"ValidationFault"), QboFault),
        (400, UPPER % (b"6190", b"ValidationFault"), AccessLost),
        (429, LOWER % b"3001", Throttled),
        (429, XML % b"003001", Throttled),
        (200, UPPER % (b"3001", b"SERVICE"), Throttled),
        (403, b'{"fault":{"error":[{"message":"ThrottleExceeded"}],"type":"SERVICE"}}', Throttled),
        (401, b"<html>Sign in</html>", Unavailable),
        (403, b"<html>Access denied</html>", Unavailable),
        (404, b"<html>No such page</html>", Unavailable),
        (404, b"", ObjectGone),
        (200, UPPER % (b"10000", b"SystemFault"), Unavailable),
        (500, b"<html>Bad gateway</html>", Unavailable),
        (503, b"", Unavailable),
        (504, b"upstream timed out", Unavailable),
        (500, UPPER % (b"10000", b"SystemFault"), Unavailable),
        (418, b"{", QboFault),
    ],
)
def test_the_retry_table(status: int, body: bytes, kind: type[Exception]) -> None:
    fault = find_fault(status, {"intuit_tid": "1-abc"}, body)
    assert fault is not None
    assert fault.reference == "1-abc"
    assert type(error_of(fault)) is kind


@pytest.mark.parametrize(
    ("written", "waited"), [("7", 7), ("99999", 3600), ("0", 60), ("soon", 60), ("Sat, 21 Nov 2026 08:00:00 GMT", 60)]
)
def test_a_throttle_says_how_long_when_it_says_anything(written: str, waited: float) -> None:
    fault = find_fault(429, {"retry-after": written}, b"")
    assert fault is not None
    error = error_of(fault)
    assert isinstance(error, Throttled)
    assert error.retry_after == waited


@pytest.mark.parametrize(
    "body", [b"\r\n " + UPPER % (b"610", b"ValidationFault"), UPPER % (b"610", b"ValidationFault")]
)
def test_blanks_before_a_fault_hide_nothing_of_it(body: bytes) -> None:
    fault = find_fault(400, {}, body)
    assert fault is not None
    assert fault.code == 610


def test_a_batch_item_whose_fault_is_null_has_none() -> None:
    assert fault_of_item({"Fault": Raw(b"null"), "QueryResponse": Raw(b"{}")}, None) is None


def test_a_gateway_timeout_asks_for_less_at_once() -> None:
    fault = find_fault(504, {}, b"")
    assert fault is not None
    error = error_of(fault)
    assert isinstance(error, Unavailable)
    assert error.slow


@pytest.mark.parametrize(
    "body",
    [
        b'{"QueryResponse":{"Customer":[{"DisplayName":"Default & Faultless"}]},"time":"x"}',
        b'{"BatchItemResponse":[{"bId":"1","Fault":{"Error":[{"code":"10"}],"type":"SystemFault"}}]}',
        b'{"QueryResponse":{}}',
    ],
)
def test_an_answer_that_only_mentions_faults_is_none(body: bytes) -> None:
    assert find_fault(200, {}, body) is None


def test_no_word_of_the_vendor_reaches_a_person() -> None:
    body = UPPER.replace(b'"Detail":"d"', b'"Detail":"Token expired: AB01secret"') % (b"3200", b"AUTHENTICATION")
    fault = find_fault(401, {}, body)
    assert fault is not None
    assert "AB01" in fault.text
    assert "AB01" not in str(error_of(fault))


def test_a_duplicate_number_names_the_record_that_has_it() -> None:
    detail = b"DocNumber=18696 is assigned to TxnType=Invoice with TxnId=6575"
    fault = find_fault(
        400, {}, UPPER.replace(b'"Detail":"d"', b'"Detail":"' + detail + b'"') % (b"6140", b"ValidationFault")
    )
    assert fault is not None
    assert adopted_id(fault) == "6575"
