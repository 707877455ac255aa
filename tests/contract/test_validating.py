"""Requests and answers against the operation they belong to, on a small file of our own."""

import msgspec
import pytest

from contract.specification import Operation, Specifications
from contract.validating import answer_violations, request_violations
from contract.violations import Rule
from twins.http import Request, Response

JSON = {"Content-Type": "application/json; charset=utf-8"}
GOOD = {"code": "c1", "amount": 1.10}
SIGNED = {"authorization": "Basic eDp5"}


def answer(operation: Operation, body: bytes = b"", *, status: int = 200, headers: dict[str, str] | None = None):
    found = answer_violations(operation, Response(status, JSON if headers is None else headers, body))
    return [(one.rule.value, one.keyword, one.where) for one in found]


def things(*some: object) -> bytes:
    return msgspec.json.encode({"things": some})


def ask(operation: Operation, query: str = "companyCode=US10", headers: dict[str, str] | None = None):
    request = Request.build("GET", f"https://b.test/v1/things?{query}", (headers or SIGNED).items(), b"")
    return [(one.keyword, one.where) for one in request_violations(operation, request, Rule.REQUEST)]


def send(operation: Operation, body: bytes, media: str = "application/json"):
    headers = SIGNED | {"content-type": media}
    request = Request.build("POST", "https://b.test/v1/things", headers.items(), body)
    return [(one.keyword, one.where) for one in request_violations(operation, request, Rule.REQUEST)]


def test_an_answer_as_described_has_no_violation(listing: Operation) -> None:
    assert answer(listing, things(GOOD, GOOD | {"kind": None, "at": None, "count": 2, "title": "t"})) == []
    assert answer(listing, status=404, headers={}) == []


def test_a_status_nobody_described_is_one(listing: Operation) -> None:
    assert answer(listing, status=409, headers={}) == [("status", "undescribed", "")]


def test_a_body_where_none_is_described_is_one(listing: Operation) -> None:
    assert answer(listing, b"{}", status=404) == [("body", "undescribed", "")]


def test_another_media_type_is_one_and_so_is_none_at_all(listing: Operation) -> None:
    assert answer(listing, b"<a/>", headers={"Content-Type": "text/html"}) == [
        ("content type", "undescribed", "text/html")
    ]
    assert answer(listing, b"", headers={}) == [("content type", "undescribed", "")]


def test_a_body_that_cannot_be_read_is_one(listing: Operation) -> None:
    assert answer(listing, b'{"things": [') == [("body", "unreadable", "")]


def test_headers_beyond_those_of_http_are_violations(listing: Operation) -> None:
    assert answer(listing, things(), headers=JSON | {"X-Surprise": "1"}) == [("header", "undescribed", "x-surprise")]


@pytest.mark.parametrize(
    ("change", "keyword", "where"),
    [
        ({"code": "too long"}, "maxLength", "/things/*/code"),
        ({"amount": "1.10"}, "type", "/things/*/amount"),
        ({"amount": True}, "type", "/things/*/amount"),
        ({"amount": None}, "type", "/things/*/amount"),
        ({"count": 1.5}, "type", "/things/*/count"),
        ({"count": 2**31}, "format", "/things/*/count"),
        ({"kind": "c"}, "enum", "/things/*/kind"),
        ({"at": "2026-04-18T00:00:00"}, "format", "/things/*/at"),
        ({"at": "2026-02-30T00:00:00Z"}, "format", "/things/*/at"),
        ({"inner": None}, "type", "/things/*/inner"),
        ({"inner": {"x": 1}}, "type", "/things/*/inner/x"),
        ({"more": 1}, "additionalProperties", "/things/*/more"),
    ],
)
def test_each_property_is_held_to_its_schema(listing: Operation, change: dict, keyword: str, where: str) -> None:
    assert answer(listing, things(GOOD | change)) == [("body", keyword, where)]


def test_every_missing_property_is_named(listing: Operation) -> None:
    assert answer(listing, things({})) == [
        ("body", "required", "/things/*/code"),
        ("body", "required", "/things/*/amount"),
    ]


def test_plain_text_that_holds_a_string_is_not_json(writing: Operation) -> None:
    assert answer(writing, b"Acknowledged.", headers={"Content-Type": "text/plain"}) == []


def test_a_request_as_described_has_no_violation(listing: Operation, writing: Operation) -> None:
    assert ask(listing, "companyCode=US10&pageSize=5&since=2026-11-02T10:00:00Z") == []
    assert send(writing, msgspec.json.encode([GOOD])) == []
    assert send(writing, msgspec.json.encode([GOOD]), "application/vnd.a+json") == []


@pytest.mark.parametrize(
    ("query", "violation"),
    [
        ("pageSize=5", ("query", "companyCode")),
        ("companyCode=a&pagesize=5", ("query", "pagesize")),
        ("companyCode=a&system=P2P", ("query", "system")),
        ("companyCode=a&pageSize=many", ("query", "pageSize")),
        ("companyCode=a&pageSize=", ("query", "pageSize")),
        ("companyCode=a&since=yesterday", ("query", "since")),
    ],
)
def test_parameters_are_held_to_theirs(listing: Operation, query: str, violation: tuple[str, str]) -> None:
    assert ask(listing, query) == [violation]


def test_a_request_must_sign_in_in_a_described_way(listing: Operation) -> None:
    assert ask(listing, headers={"authorization": "Bearer abc"}) == []
    assert ask(listing, headers={"authorization": "Digest abc"}) == [("sign-in", "authorization")]
    assert ask(listing, headers={"accept": "*/*"}) == [("sign-in", "authorization")]


@pytest.mark.parametrize(
    ("body", "media", "violation"),
    [
        (b"", "application/json", ("body", "")),
        (b"[", "application/json", ("body", "")),
        (b"[]", "text/csv", ("content type", "text/csv")),
        (msgspec.json.encode(GOOD), "application/json", ("type", "")),
        (msgspec.json.encode([GOOD | {"code": 7}]), "application/json", ("type", "/*/code")),
    ],
)
def test_a_body_is_held_to_its_schema(writing: Operation, body: bytes, media: str, violation: tuple[str, str]) -> None:
    assert send(writing, body, media) == [violation]


def test_a_body_where_none_is_described_is_a_violation(listing: Operation) -> None:
    request = Request("GET", "b.test", "/v1/things", (("companyCode", "a"),), SIGNED, b"{}")
    assert [one.keyword for one in request_violations(listing, request, Rule.REQUEST)] == ["body"]


def test_fixed_names_go_before_ids(specifications: Specifications) -> None:
    newest, code = (specifications.find("GET", f"/v1/things/{part}") for part in ("newest", "c%2F1"))
    assert newest is not None
    assert code is not None
    assert (newest.template, code.ids("/v1/things/c%2F1")) == ("/v1/things/newest", {"code": "c/1"})
    assert (newest.sign_in, code.sign_in) == (frozenset(), frozenset({"basic", "bearer"}))
    assert code.stars == ("GET", "/v1/things/*")
    assert specifications.find("DELETE", "/v1/things") is None
