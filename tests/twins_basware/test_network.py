"""The Basware Network: documents are polled, read, confirmed; every request has an id of its own."""

import base64

import pytest

DATA = {"externalDocumentIdentifier": "NW-77", "documentCurrencyCode": "USD", "invoiceLines": []}
IMAGE = {"content_base64": base64.b64encode(b"%PDF").decode(), "content_type": "application/pdf"}


class Network:
    """Requests of the company's account, each with a fresh request id unless told otherwise."""

    def __init__(self, tools):
        self.caller = tools.caller([], network={"user": "net", "password": "word"})
        self.tools = tools
        self.count = 0

    def send(self, method, path, body=b"", *, request_id=None, sign=("net", "word")):
        self.count += 1
        fresh = f"0b7e2d4c-91aa-4f3e-8c55-{self.count:012d}"
        headers = {"X-BW-REQUEST-ID": fresh if request_id is None else request_id}
        return self.caller.send(method, path, body, {**headers, "Authorization": self.tools.basic(*sign)})

    def read(self, path):
        return self.tools.parsed(self.send("GET", path))


@pytest.fixture
def network(tools):
    return Network(tools)


def test_a_document_is_announced_read_confirmed_and_dealt_with(network):
    bum_id = network.caller.twin.act("receive_document", data=DATA, files={"scan.pdf": IMAGE})
    [notice] = network.read("/v1.1/notifications")["notifications"]
    assert notice["bumId"] == bum_id

    document = network.read(f"/v1/invoices/{bum_id}")
    assert document["data"] == DATA
    [file] = document["fileRefs"]
    answer = network.send("GET", f"/v2/files/{file['refId']}")
    assert (answer.body, answer.headers["Content-Type"]) == (b"%PDF", "application/pdf;charset=utf-8")
    assert network.send("GET", f"/v1/files/{file['refId']}").body == b"%PDF"

    confirmation = {"bumId": bum_id, "actionCode": "Delivered"}
    assert network.send("POST", "/v1.1/notifications", confirmation).status == 200
    assert network.send("DELETE", f"/v1.1/notifications/{notice['id']}").status == 204
    assert network.read("/v1.1/notifications")["notifications"] == []
    assert network.send("DELETE", f"/v1.1/notifications/{notice['id']}").status == 404


def test_every_request_needs_a_fresh_request_id_of_version_4(network):
    used = "5d0cbd6c-7c53-4d09-b5a9-3f1b9f6a2f10"
    assert network.send("GET", "/v1.1/notifications", request_id=used).status == 200
    for wrong in (used, used.upper(), "", "17", "5d0cbd6c-7c53-1d09-b5a9-3f1b9f6a2f10"):
        refused = network.send("GET", "/v1.1/notifications", request_id=wrong)
        assert refused.status == 400
        assert "X-BW-REQUEST-ID" in network.tools.parsed(refused)["errors"]["message"]


def test_the_network_has_an_account_of_its_own(network):
    for wrong in (("net", "wrong"), ("interface", "pass word"), ("", "")):
        assert network.send("GET", "/v1.1/notifications", sign=wrong).status == 401


def test_sending_again_under_the_same_client_token_adds_nothing(network):
    stored = {"clientToken": "t1", "fileName": "a.pdf", "content": IMAGE["content_base64"], "fileType": "imageFile"}
    first, again = (network.tools.parsed(network.send("POST", "/v2/files", stored)) for _ in range(2))
    assert first == again
    body = {"clientToken": "t2", "documentType": "Invoice", "data": DATA, "fileRefs": [first]}
    for _ in range(2):
        assert network.send("POST", "/v2/invoices/mine-1", body).status == 200
    refused = network.send("POST", "/v2/invoices/mine-1", {**body, "clientToken": "t3"})
    assert "sent already" in network.tools.parsed(refused)["errors"]["message"]


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/v2/invoices/x", {"documentType": "Invoice", "data": {}}, "clientToken"),
        ("/v2/invoices/x", {"clientToken": "t", "documentType": "Poem", "data": {}}, "documentType"),
        ("/v2/invoices/x", {"clientToken": "t", "documentType": "Invoice", "data": 1}, "data"),
        ("/v2/invoices/x", b"{", "not JSON"),
        ("/v2/invoices/x", [1], "object"),
        ("/v1.1/notifications", {"bumId": "x", "actionCode": "Maybe"}, "actionCode"),
        ("/v2/files", {"clientToken": "t", "fileName": "a", "content": "%"}, "base64"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_networks_own_error(network, path, body, told):
    refused = network.send("POST", path, body)
    assert refused.status == 400
    assert told in network.tools.parsed(refused)["errors"]["message"]


def test_unknown_things_and_operations_are_told_apart(network):
    assert network.send("GET", "/v1/invoices/nothing").status == 404
    assert network.send("POST", "/v1/invoices/nothing").status == 405
    assert network.send("GET", "/v2/invoices").status == 404
