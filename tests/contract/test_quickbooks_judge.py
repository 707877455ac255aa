"""Which records of the traffic with QuickBooks are looked at, and where in it they lie."""

import gzip
from typing import Any

import msgspec
import pytest

from contract.quickbooks_judge import QuickBooksJudge
from contract.tally import Tally
from twins.http import Request, Response

pytestmark = pytest.mark.usefixtures("vendors_files")

GOOD = {"DisplayName": "Nordlys"}
BAD = {"DisplayName": "Nordlys", "Colour": "red"}
REFUSED = {"Fault": {"Error": [{"code": "2010"}], "type": "ValidationFault"}, "time": "now"}
JSON = "application/json"


class Traffic:
    """Exchanges, each judged at once."""

    def __init__(self, *, product_asks: bool = False) -> None:
        self.tally = Tally()
        self.judge = QuickBooksJudge(self.tally, product_asks=product_asks)

    def exchange(
        self, resource: str, sent: Any, said: Any, *, status: int = 200, media: str = JSON, method: str = ""
    ) -> list[tuple[str, str]]:
        """Rule and place of what was wrong."""
        body = sent if isinstance(sent, bytes) else b"" if sent is None else msgspec.json.encode(sent)
        url = f"https://q.test/v3/company/1/{resource}"
        verb = method or ("GET" if sent is None else "POST")
        request = Request.build(verb, url, [("content-type", media)], body)
        answer = Response(status, {"Content-Type": JSON}, msgspec.json.encode(said))
        return [(one.rule.value, one.where) for one in self.judge.judge(object(), request, answer, "here")]


@pytest.fixture
def traffic() -> Traffic:
    return Traffic()


@pytest.fixture
def product() -> Traffic:
    return Traffic(product_asks=True)


@pytest.mark.parametrize(
    "said",
    [
        {"Vendor": BAD, "time": "now"},
        {"QueryResponse": {"Vendor": [GOOD, BAD], "startPosition": 1, "maxResults": 2}, "time": "now"},
        {"BatchItemResponse": [{"bId": "1", "Vendor": BAD}, {"bId": "2", **REFUSED}], "time": "now"},
        {"BatchItemResponse": [{"bId": "1", "QueryResponse": {"Vendor": [BAD]}}], "time": "now"},
        {"CDCResponse": [{"QueryResponse": [{"Vendor": [BAD]}, {}]}], "time": "now"},
    ],
)
def test_records_are_found_in_every_envelope(traffic: Traffic, said: Any) -> None:
    assert traffic.exchange("query", None, said) == [("record", "Vendor.Colour")]


def test_an_envelope_may_hold_nothing_but_records_of_known_entities(traffic: Traffic) -> None:
    assert traffic.exchange("query", None, {"QueryResponse": {"totalCount": 3}, "time": "now"}) == []
    assert traffic.exchange("query", None, {"QueryResponse": {"Vendors": [GOOD]}}) == [("record", "Vendors")]


def test_the_product_is_held_to_the_catalogue_whatever_the_answer(product: Traffic) -> None:
    assert product.exchange("vendor", GOOD, {"Vendor": GOOD}) == []
    assert product.exchange("vendor", BAD, REFUSED, status=400) == [("request", "Vendor.Colour")]
    items = {"BatchItemRequest": [{"bId": "1", "operation": "create", "Vendor": BAD}]}
    assert product.exchange("batch", items, {"BatchItemResponse": [{"bId": "1", **REFUSED}]}) == [
        ("request", "Vendor.Colour")
    ]


def test_others_may_send_what_they_like_as_long_as_the_twin_refuses_it(traffic: Traffic) -> None:
    assert traffic.exchange("vendor", BAD, REFUSED, status=400) == []
    assert traffic.exchange("vendor", BAD, {"Vendor": GOOD}) == [("accepted", "Vendor.Colour")]
    items = {"BatchItemRequest": [{"bId": "1", "Vendor": BAD}, {"bId": "2", "Vendor": BAD}, {"bId": "3", "Query": "…"}]}
    said = {"BatchItemResponse": [{"bId": "1", **REFUSED}, {"bId": "2", "Vendor": GOOD}, {"bId": "3"}]}
    assert traffic.exchange("batch", items, said) == [("accepted", "Vendor.Colour")]


def test_what_an_upload_says_of_its_file_is_a_record_too(product: Traffic) -> None:
    part = 'Content-Disposition: form-data; name="file_metadata_01"\r\nContent-Type: application/json'
    body = f'--x\r\n{part}\r\n\r\n{{"FileName":"a.pdf","Colour":"red"}}\r\n--x--\r\n'.encode()
    said = {"AttachableResponse": [{"Attachable": {"FileName": "a.pdf"}}], "time": "now"}
    assert product.exchange("upload", body, said, media="multipart/form-data; boundary=x") == [
        ("request", "Attachable.Colour")
    ]


def test_queries_by_post_and_signing_in_hold_no_records(product: Traffic) -> None:
    assert product.exchange("query", b"SELECT * FROM Bill", {"QueryResponse": {}}, media="application/text") == []
    product.judge.judge(object(), Request("POST", "o", "/oauth2/v1/tokens/bearer"), Response(200), "here")
    assert list(product.tally.lines) == ["POST query"]


def test_exchanges_are_counted_by_what_was_asked(product: Traffic) -> None:
    product.exchange("bill/145", None, {"Bill": {"Id": "145"}})
    product.exchange("bill?operation=delete", {"Id": "145", "SyncToken": "0"}, {"Bill": {"Id": "145"}})
    product.exchange("taxservice/taxcode", {"TaxCode": "25%"}, {"TaxCode": "25%", "TaxCodeId": "5", "time": "now"})
    assert list(product.tally.lines) == ["GET bill/{id}", "POST bill delete", "POST taxservice/taxcode"]
    assert product.tally.bodies == 5


def test_compressed_bodies_are_read_as_they_were_before(product: Traffic) -> None:
    headers = [("content-encoding", "gzip"), ("content-type", JSON)]
    packed = gzip.compress(msgspec.json.encode(BAD))
    request = Request.build("POST", "https://q.test/v3/company/1/vendor", headers, packed)
    answer = Response(200, dict(headers), gzip.compress(msgspec.json.encode({"Vendor": BAD, "time": "now"})))
    found = product.judge.judge(object(), request, answer, "here")
    assert [one.rule.value for one in found] == ["request", "record"]
