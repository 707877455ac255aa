"""Refusals in every shape Intuit's services write them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.model.books import TransactionType
from ml_connector.model.holds import Who
from ml_connector.quickbooks.errors import (
    ClientRejected,
    CompanyReadOnly,
    NoAnswer,
    Refused,
    SignInNeeded,
    Throttled,
    Unavailable,
    error_from,
)
from ml_connector.quickbooks.faults import RULES, Action, Fault, duplicate_target, parse_faults, redact, rule_for

JSON = "application/json;charset=utf-8"
DUPLICATE = (
    "Duplicate Document Number Error : You must specify a different number. This number has already been used. "
    "DocNumber=INV-88121 is assigned to TxnType=Bill with TxnId=145"
)
EXPIRED = (
    b'{"warnings":null,"intuitObject":null,"fault":{"error":[{"message":"message=AuthenticationFailed; errorCode=003200; '
    b'statusCode=401","detail":"Token expired: AB01165Xq9","code":"3200","element":null}],"type":"AUTHENTICATION"},'
    b'"report":null,"requestId":null,"time":1601391072830,"batchItemResponse":[]}'
)
EXPIRED_XML = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<IntuitResponse time="2026-09-01T01:00:00.000-07:00" '
    b'xmlns="http://schema.intuit.com/finance/v3"><Fault type="AUTHENTICATION"><Error code="3200">'
    b"<Message>message=AuthenticationFailed; errorCode=003200; statusCode=401</Message></Error></Fault></IntuitResponse>"
)
THROTTLED_XML = (
    b'<IntuitResponse xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE"><Error code="3001"><Message>'
    b"message=ThrottleExceeded; errorCode=003001; statusCode=429</Message><Detail>The request limit was reached.  "
    b"Try again later</Detail></Error></Fault></IntuitResponse>"
)


def fault(code: str, detail: str = "", kind: str = "ValidationFault") -> Fault:
    return Fault(code=code, detail=detail, type=kind)


def test_a_refused_bill_names_code_detail_and_kind() -> None:
    body = msgspec.json.encode(
        {
            "Fault": {
                "Error": [
                    {"Message": "Duplicate Document Number Error", "Detail": DUPLICATE, "code": "6140", "element": ""}
                ],
                "type": "ValidationFault",
            },
            "time": "2026-09-01T19:27:51.208-07:00",
        }
    )
    assert parse_faults(400, JSON, body) == (
        Fault(code="6140", message="Duplicate Document Number Error", detail=DUPLICATE, type="ValidationFault"),
    )


def test_all_errors_of_one_fault_are_kept_in_order() -> None:
    errors = [{"Message": "a", "code": "6140"}, {"Message": "b", "code": "2020", "element": "Line.Amount"}]
    body = msgspec.json.encode({"Fault": {"Error": errors, "type": "ValidationFault"}})
    found = parse_faults(400, JSON, body)
    assert [(one.code, one.element) for one in found] == [("6140", ""), ("2020", "Line.Amount")]


def test_the_gateways_lower_case_fault_is_read_and_its_token_removed() -> None:
    (found,) = parse_faults(401, "application/json", EXPIRED)
    assert (found.code, found.type, found.element) == ("3200", "AUTHENTICATION", "")
    assert found.detail == "Token expired: [removed]"


def test_an_xml_fault_is_read_with_and_without_detail() -> None:
    (expired,) = parse_faults(401, "application/xml", EXPIRED_XML)
    assert (expired.code, expired.type, expired.detail) == ("3200", "AUTHENTICATION", "")
    (throttled,) = parse_faults(429, "text/xml", THROTTLED_XML)
    assert (throttled.code, throttled.detail) == ("3001", "The request limit was reached.  Try again later")


def test_the_newer_gateway_shape_asks_for_a_new_sign_in() -> None:
    body = (
        b'{"code":"AuthenticationFailed","type":"INPUT","message":null,'
        b'"detail":"Malformed bearer token: too short","moreInfo":null}'
    )
    (found,) = parse_faults(401, JSON, body)
    assert rule_for(found).action is Action.REAUTHORIZE


def test_a_graphql_error_gives_its_message_and_code() -> None:
    body = b'{"errors":[{"message":"no access","extensions":{"code":"3100"}}],"data":null}'
    (found,) = parse_faults(403, JSON, body)
    assert (found.code, found.message) == ("3100", "no access")


def test_a_sign_in_error_is_its_own_code() -> None:
    (found,) = parse_faults(400, JSON, b'{"error":"invalid_grant","error_description":"Incorrect Token type"}')
    assert (found.code, found.detail) == ("invalid_grant", "Incorrect Token type")


@pytest.mark.parametrize(
    ("content_type", "body", "shown"),
    [
        (
            "text/html",
            b"<html><head><style>p{}</style></head><body><h1>403</h1> Access denied</body></html>",
            "403 Access denied",
        ),
        ("", b"<!DOCTYPE html><html><title>Bad gateway</title></html>", "Bad gateway"),
        ("", b"", ""),
        ("application/json", b'{"unfinished', '{"unfinished'),
        ("application/xml", b"<unfinished", "<unfinished"),
        ("application/json", b"\xff\xfe\x00", "\ufffd\ufffd\x00"),
    ],
)
def test_a_page_nobody_meant_for_us_still_gives_one_fault(content_type: str, body: bytes, shown: str) -> None:
    (found,) = parse_faults(502, content_type, body)
    assert (found.code, found.message, found.detail) == ("", "HTTP 502", shown)


def test_an_answer_without_a_fault_has_none() -> None:
    assert parse_faults(200, JSON, b'{"Bill":{"Id":"1"}}') == ()


def test_xml_that_declares_entities_is_not_expanded() -> None:
    body = b'<!DOCTYPE x [<!ENTITY a "6140">]><IntuitResponse><Fault><Error code="&a;"/></Fault></IntuitResponse>'
    (found,) = parse_faults(400, "application/xml", body)
    assert found.code == ""


@given(st.binary(max_size=200), st.sampled_from(["", "text/html", "application/json", "application/xml"]))
def test_no_body_whatever_breaks_the_reading(body: bytes, content_type: str) -> None:
    assert parse_faults(500, content_type, body)


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abcDEF123456789.xyz",
        "RT1-22-H0-1999999999abc",
        "eyJhbGciOiJkaXIifQ.abc",
        "refresh_token=AB11-q",
        '"access_token":"zzz"',
    ],
)
def test_tokens_never_survive_in_a_text(secret: str) -> None:
    token = secret.rpartition(" ")[2].rpartition("=")[2].rpartition(":")[2].strip('"')
    assert token not in redact(f"call failed with {secret} at the door")


def test_a_supplier_number_is_not_mistaken_for_a_token() -> None:
    assert redact(DUPLICATE) == DUPLICATE


DOCUMENTED = (
    "100 110 120 130 140 150 500 600 610 620 700 800 900 1040 2000 2010 2020 2030 2040 2050 2130 2170 2200 2210 2220 2230 2240 "
    "2250 2260 2270 2280 2290 2300 2410 2500 3001 3100 3200 4000 4001 4002 5010 5020 5030 6000 6010 6020 6030 6040 6041 6050 6070 "
    "6080 6100 6140 6150 6160 6170 6180 6190 6200 6210 6220 6240 6310 6320 6430 6440 6450 6470 6480 6540 10000 10100 10200"
)


@pytest.mark.parametrize("code", DOCUMENTED.split())
def test_every_documented_code_has_a_rule_and_a_whole_sentence(code: str) -> None:
    rule = RULES[code]
    assert rule.sentence.endswith(".")
    assert rule.sentence[0].isupper()


def test_what_repairs_itself_is_nobodys_work_and_everything_else_is_somebodys() -> None:
    by_itself = {Action.RETRY, Action.WAIT, Action.REREAD}
    for code, rule in RULES.items():
        if rule.action in by_itself:
            assert rule.who is Who.NOBODY, code
        elif rule.action is not Action.LOOK_UP:
            assert rule.who is not Who.NOBODY, code


def test_form_errors_without_a_line_of_their_own_are_still_form_errors() -> None:
    assert rule_for(fault("2110")).action is Action.FIX_DATA
    assert rule_for(fault("2060")) != rule_for(fault("2059"))


def test_an_unknown_code_is_never_repeated_by_itself() -> None:
    assert rule_for(fault("7777")).action is Action.FIX_DATA
    assert rule_for(fault("7777", kind="SystemFault")).action is Action.RETRY
    assert rule_for(fault("", kind="")).action is Action.BUG


def test_object_not_found_tells_a_deleted_transaction_from_an_inactive_account() -> None:
    deleted = fault("610", "Object Not Found : Another user has deleted this transaction.")
    inactive = fault("610", "Object Not Found : Something you're trying to use has been made inactive.")
    assert rule_for(deleted).action is Action.REREAD
    assert rule_for(inactive).action is Action.REFRESH_LISTS


@pytest.mark.parametrize(
    ("detail", "target"),
    [
        (DUPLICATE, (TransactionType.BILL, "145")),
        ("DocNumber=7 is assigned to TxnType=Journal Entry with TxnId=9", (TransactionType.JOURNAL_ENTRY, "9")),
        (
            "DocNumber=7 is assigned to TxnType=VendorCredit with TxnId=5000000000000503624",
            (TransactionType.VENDOR_CREDIT, "5000000000000503624"),
        ),
        ("DocNumber=7 is assigned to TxnType=Check with TxnId=12", ("Check", "12")),
        ("DocNumber=TxnType=Bill with TxnId=1 is assigned to TxnType=Bill with TxnId=2", (TransactionType.BILL, "2")),
        ("You must specify a different number.", None),
    ],
)
def test_a_duplicate_fault_names_the_transaction_in_the_way(detail: str, target: object) -> None:
    assert duplicate_target(fault("6140", detail)) == target


def test_only_a_duplicate_fault_names_a_transaction() -> None:
    assert duplicate_target(fault("6000", DUPLICATE)) is None


@pytest.mark.parametrize(
    ("status", "found", "on_read", "on_write"),
    [
        (400, fault("6000", "no"), Refused, Refused),
        (400, fault("6190"), CompanyReadOnly, CompanyReadOnly),
        (403, fault("3100", kind="AUTHORIZATION"), SignInNeeded, SignInNeeded),
        (400, fault("120"), SignInNeeded, SignInNeeded),
        (400, fault("invalid_grant"), SignInNeeded, SignInNeeded),
        (401, fault("invalid_client"), ClientRejected, ClientRejected),
        (429, fault("", kind=""), Throttled, Throttled),
        (403, fault("3001", kind="SERVICE"), Throttled, Throttled),
        (400, fault("150"), Unavailable, Unavailable),
        (400, fault("10000", kind="SystemFault"), Unavailable, NoAnswer),
        (500, fault("", kind=""), Unavailable, NoAnswer),
        (503, fault("10000", kind="SystemFault"), Unavailable, NoAnswer),
        (408, fault("", kind=""), Unavailable, NoAnswer),
        (500, fault("2030"), Refused, Refused),
        (400, fault("600"), Unavailable, NoAnswer),
        (302, fault("", kind=""), Refused, Refused),
    ],
)
def test_each_refusal_is_classed_by_what_happens_next(
    status: int, found: Fault, on_read: type[Exception], on_write: type[Exception]
) -> None:
    assert type(error_from(status, (found,), write=False)) is on_read
    assert type(error_from(status, (found,), write=True)) is on_write


def test_an_error_says_what_intuits_support_will_ask_for() -> None:
    error = error_from(
        400, (fault("6000", "You can only use one foreign currency per transaction."),), write=True, trace="1-5f73"
    )
    assert (
        str(error)
        == "QuickBooks refused; 6000: You can only use one foreign currency per transaction.; HTTP 400; intuit_tid 1-5f73"
    )
