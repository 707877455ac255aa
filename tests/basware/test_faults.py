"""Basware's errors in all their shapes, and what is done about each."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.basware.faults import Action, Fault, parse_faults, redact, rule_for
from ml_connector.model.holds import Who


def parse(tree: Any) -> tuple[Fault, ...]:
    return parse_faults("application/json", json.dumps(tree).encode())


def test_the_p2p_shape_gives_every_error_with_its_record() -> None:
    errors = [
        {
            "externalCode": "x1",
            "type": "VALIDATION",
            "code": "SCHEMA_VALIDATION_ERROR",
            "message": "too long",
            "info": "",
        },
        {"externalCode": "x2", "type": "BUSINESS", "code": "CONFLICT_IN_POST", "message": "taken"},
    ]
    assert parse({"requestId": "r", "hasErrors": True, "errors": errors}) == (
        Fault(code="SCHEMA_VALIDATION_ERROR", message="too long", type="VALIDATION", external_code="x1"),
        Fault(code="CONFLICT_IN_POST", message="taken", type="BUSINESS", external_code="x2"),
    )


@pytest.mark.parametrize(
    ("tree", "fault"),
    [
        (
            {"error": "invalid_request", "error_description": "no scope"},
            Fault(code="invalid_request", message="no scope"),
        ),
        (
            {"detail": [{"loc": ["body", "scope"], "msg": "required", "type": "missing"}]},
            Fault(message="body.scope: required", type="missing"),
        ),
        ({"message": "Forbidden"}, Fault(message="Forbidden")),
        ({"Message": "Forbidden"}, Fault(message="Forbidden")),
        ({"detail": "Not found"}, Fault(message="Not found")),
        ({"requestId": "r", "hasError": True, "errorMessages": ["bad period"]}, Fault(message="bad period")),
        ({"version": "1", "errors": {"pageSize": ["too large"]}}, Fault(message="too large", external_code="pageSize")),
        ("Already acknowledged", Fault(message="Already acknowledged")),
    ],
)
def test_the_shapes_of_the_other_services_are_understood(tree: Any, fault: Fault) -> None:
    assert parse(tree) == (fault,)


def test_xml_and_html_give_their_message() -> None:
    xml = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    assert parse_faults("application/xml", xml) == (Fault(code="AccessDenied", message="Request has expired"),)
    html = b"<html><head><title>502 Bad Gateway</title></head><body>x</body></html>"
    assert parse_faults("text/html", html) == (Fault(message="502 Bad Gateway"),)


def test_an_empty_body_names_no_error() -> None:
    assert parse_faults("", b"") == ()
    assert parse_faults("application/json", b"  ") == ()


@given(st.binary(max_size=200), st.sampled_from(["", "text/html", "application/json"]))
def test_no_body_whatever_breaks_the_reading(body: bytes, content_type: str) -> None:
    for fault in parse_faults(content_type, body):
        assert len(fault.message) <= 500


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["errors", "detail", "message", "code", "errorMessages", "loc", "x"]), inner), max_leaves=12))  # fmt: skip
def test_no_json_whatever_breaks_the_reading(tree: Any) -> None:
    parse(tree)


def test_tokens_and_signatures_are_masked_and_long_texts_cut() -> None:
    text = "Bearer abcdefghijkl eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln https://x/?X-Amz-Signature=deadbeef&a=1"
    masked = redact(text)
    assert not any(secret in masked for secret in ("abcdefghijkl", "eyJ", "deadbeef"))
    assert "a=1" in masked
    assert len(redact("x" * 9999)) == 500


@pytest.mark.parametrize(
    ("status", "code", "action"),
    [
        (400, "SCHEMA_VALIDATION_ERROR", Action.FIX_DATA),
        (400, "ACCESS_TOKEN_VALIDATION_ERROR", Action.REAUTHORIZE),
        (400, "", Action.FIX_DATA),
        (401, "", Action.REAUTHORIZE),
        (403, "", Action.FIX_SETUP),
        (404, "", Action.REREAD),
        (405, "METHOD_NOT_ALLOWED", Action.REREAD),
        (409, "CONFLICT_IN_POST", Action.REREAD),
        (429, "", Action.WAIT),
        (500, "SNS_PUBLISH_ERROR", Action.RETRY),
        (503, "", Action.WAIT),
        (599, "", Action.RETRY),
        (0, "", Action.RETRY),
        (418, "SOMETHING_NEW", Action.BUG),
        (500, "SOMETHING_NEW", Action.RETRY),
    ],
)
def test_status_and_code_decide_what_to_do(status: int, code: str, action: Action) -> None:
    assert rule_for(status, code).action is action


def test_whatever_is_tried_again_by_itself_needs_nobody_and_the_rest_names_somebody() -> None:
    for status in (0, 400, 401, 403, 405, 409, 413, 422, 429, 500, 503):
        rule = rule_for(status)
        assert rule.sentence.endswith(".")
        if rule.action in {Action.RETRY, Action.WAIT}:
            assert rule.who is Who.NOBODY
        if rule.action in {Action.FIX_DATA, Action.FIX_SETUP, Action.REAUTHORIZE, Action.BUG}:
            assert rule.who is not Who.NOBODY
