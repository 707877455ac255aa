"""Whatever is sent, the answer is one of Basware's: nothing breaks the twin, and nothing of a refused request stays."""

import pickle
from decimal import Decimal
from uuid import UUID

import pytest

BODIES = {
    "deep": b'[{"a":' * 3000,
    "not UTF-8": b'["\xff"]',
    "half a surrogate": b'["\\ud800"]',
    "boundless number": b'[{"externalCode": 1e99999999999999999999}]',
    "endless number": b"1" * 5000,
    "not a number": b"[NaN]",
    "nothing": b"",
    "null": b"null",
    "nulls": b"[null]",
    "an array of arrays": b"[[]]",
    "a text": b'"text"',
    "codes that are none": b'{"externalCode": ["a"], "lastUpdated": {}, "requestIds": [null]}',
}
HEADERS = (
    {"Authorization": "Basic \xe9"},
    {"Authorization": "Basic !"},
    {"Authorization": "Basic"},
    {"Authorization": ""},
    {"Authorization": "Bearer \xff"},
    {"x-amz-meta-continuationtoken": "\xe9"},
    {"x-amz-meta-continuationtoken": "AAAA"},
    {"Content-Type": "application/json; charset=\xff"},
)
QUERIES = (
    "pageSize=99999999999999999999999&pageSize=2",
    "pageSize=%00",
    "lastUpdated=0001-01-01T00:00:00%2B14:00",
    "lastUpdated=9999-12-31T23:59:59.999-14:00",
    "companyCode=%ff&companyCode=\U0001f600",
    "companyCode=US10&invoiceNumber=NW-1&invoiceDate=2026-11-02&grossSum=sNaN",
    "&&=;",
)
IDS = ("inv1", "%00", "%2F", "%ff", "..", "\U0001f600", "x" * 3000)


def requests_of(twin):
    """Every operation, each with every oddity in one place."""
    for method, path in twin.operations:
        for odd in IDS:
            yield method, path.replace("*", odd), {}, b""
        plain = path.replace("*", "inv1")
        for query in QUERIES:
            yield method, f"{plain}?{query}", {}, b"[]"
        for headers in HEADERS:
            yield method, plain, headers, b"[]"
        for body in BODIES.values():
            yield method, plain, {"Content-Type": "application/json"}, body
        for other in ("HEAD", "OPTIONS", "TRACE", ""):
            yield other, plain, {}, b""


def test_no_operation_breaks_on_anything(tools):
    caller = tools.everything([tools.invoice(1)])
    before = pickle.dumps(caller.twin.documents())
    for method, path, headers, body in requests_of(caller.twin):
        if (method, path.partition("?")[0]) == ("POST", "/v1/accountingDocuments/inv1/acknowledge"):
            continue  # it takes no body, so most of these are good
        answer = caller.send(method, path, body, headers)
        assert answer.status < 500, (method, path, headers, body[:40])
        assert answer.headers["x-amzn-RequestId"]
    assert pickle.dumps(caller.twin.documents()) == before
    assert caller.twin.check() == []


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", ["v2/invoices/i1", "v2/files", "v1.1/notifications"])
def test_the_network_breaks_on_nothing(tools, path, body):
    network = Network(tools)
    assert network.post(path, body).status == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("v1.1/notifications", b'{"actionCode": [], "bumId": "x"}'),
        ("v2/invoices/i1", b'{"clientToken": "t", "documentType": {}, "data": {}}'),
        ("v2/invoices/i1", b'{"clientToken": "t", "documentType": "Invoice", "data": {}, "fileRefs": 5}'),
        ("v2/invoices/i1", b'{"clientToken": "t", "documentType": "Invoice", "data": {}, "fileRefs": ["x"]}'),
        ("v2/files", '{"clientToken": "t", "fileName": "x", "content": "é"}'.encode()),
        ("v2/files", b'{"clientToken": "t", "fileName": "x", "content": "aGk=", "contentType": "a\\r\\nb: c"}'),
    ],
)
def test_the_network_refuses_values_of_the_wrong_kind(tools, path, body):
    assert Network(tools).post(path, body).status == 400


def test_a_file_name_never_becomes_a_header_of_its_own(tools):
    network = Network(tools)
    body = b'{"clientToken": "t", "fileName": "a\\"\\r\\nSet-Cookie: b", "content": "aGk="}'
    ref = tools.parsed(network.post("v2/files", body))["refId"]
    answer = network.get(f"v2/files/{ref}")
    assert answer.body == b"hi"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%22%0D%0ASet-Cookie%3A%20b"


def test_a_client_token_of_a_file_is_not_one_of_a_document(tools):
    network = Network(tools)
    network.post("v2/files", b'{"clientToken": "t", "fileName": "x", "content": "aGk="}')
    sent = network.post("v2/invoices/i%2F1", b'{"clientToken": "t", "documentType": "Invoice", "data": {}}')
    assert tools.parsed(sent) == {"bumId": "i/1"}


def test_amounts_beyond_a_double_are_refused(caller):
    assert caller.answer("inv1").status == 200
    assert caller.pay("inv1", paidTotal=Decimal("9E+999")).status == 400
    assert caller.pay("inv1", paidTotal=Decimal("9E+99")).status == 200


def test_two_tenants_see_nothing_of_each_other(tools):
    first = tools.everything([tools.invoice(1)], vendors=[tools.vendor(1)])
    other = tools.tenant([tools.invoice(2)], client_id="other", user="other", scopes=tools.all_scopes)
    first.twin.add_tenant(other)
    second = type(first)(first.twin, first.clock, authorization=tools.basic("other", "pass word"))
    request_id = first.post("/v1/vendors", [tools.vendor(2)]).headers["x-amzn-RequestId"]
    paths = (
        "accountingDocuments/inv1",
        "vendors",
        "vendors/E-1",
        f"requestStatus/{request_id}",
        "tasks",
        "subscriptions",
    )
    assert first.get("/v1/accountingDocuments/inv1").status != 404
    assert first.get(f"/v1/requestStatus/{request_id}").status == 200
    assert {path: second.get(f"/v1/{path}").status for path in paths} == dict.fromkeys(paths, 404)
    assert second.acknowledge("inv1").status == 404
    assert second.send("DELETE", "/v1/vendors", {"lastUpdated": "0001-01-01"}).status == 202
    first.clock.advance(60)
    assert first.get("/v1/vendors").status == 200


def test_a_tenant_is_not_replaced_by_another_of_its_client_id(tools):
    caller = tools.everything([tools.invoice(1)])
    with pytest.raises(ValueError, match="there is a client client already"):
        caller.twin.add_tenant(tools.tenant([tools.invoice(2)]))
    assert [document["invoiceId"] for document in caller.twin.documents()] == ["inv1"]


def test_the_same_seed_answers_the_same(tools):
    def story():
        caller = tools.everything([tools.invoice(1)])
        caller.twin.switches.processing_jitter_seconds = 5
        answers = [
            caller.post("/v1/vendors", [tools.vendor(1), tools.vendor(2)]),
            caller.get("/v1/accountingDocuments"),
            caller.answer("inv1"),
            caller.send("DELETE", "/v1/vendors", {"lastUpdated": "0001-01-01"}),
        ]
        caller.clock.advance(60)
        return [*answers, caller.get("/v1/requestStatus?status=Success")]

    assert story() == story()


class Network:
    """A company's own account in the Network."""

    def __init__(self, tools):
        self._caller = tools.everything([], network={"user": "net", "password": "word"})
        self._caller.authorization = tools.basic("net", "word")
        self._count = 0

    def get(self, path):
        return self._send("GET", path, b"")

    def post(self, path, body):
        return self._send("POST", path, body)

    def _send(self, method, path, body):
        self._count += 1
        headers = {"X-BW-REQUEST-ID": str(UUID(int=self._count, version=4)), "Content-Type": "application/json"}
        return self._caller.send(method, f"/{path}", body, headers)
