"""The client of the Basware Network: request ids, sign-in, limits, links, and messages as they come."""

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID, uuid1, uuid4

import httpx2
import msgspec
import pytest

from ml_connector.basware.auth import BasicAuthorization
from ml_connector.basware.errors import (
    AddressRefused,
    BaswareError,
    CredentialsRejected,
    NoAnswer,
    Refused,
    ScopeMissing,
    Throttled,
    TooLarge,
    Unavailable,
    UnreadablePage,
)
from ml_connector.basware.exchange import Call
from ml_connector.basware.network import NetworkClient
from ml_connector.basware.network_documents import UnreadableMessage, read_message
from ml_connector.basware.network_http import REQUEST_ID, NetworkHttp
from ml_connector.model.network import FileRef, NetworkKind

Handler = Callable[[httpx2.Request], httpx2.Response]
BASE = "https://test-api.basware.com"
ROOM = 1_000_000


class Line:
    """A client of the Network on a scripted service."""

    def __init__(self, clock: object, *script: httpx2.Response | Exception, **choices: object) -> None:
        self.script = list(script)
        self.requests: list[httpx2.Request] = []
        self.calls: list[Call] = []
        settings: dict[str, object] = {"largest_document": 1000, "largest_file": 1000} | choices
        self.client = NetworkClient(
            NetworkHttp(transport=httpx2.MockTransport(self._answer)),
            base_url=BASE,
            authorization=BasicAuthorization("acme.network", "word"),
            clock=clock,  # type: ignore[arg-type]
            on_call=self.calls.append,
            **settings,  # type: ignore[arg-type]
        )

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        return step

    @property
    def ids(self) -> list[str]:
        return [request.headers[REQUEST_ID] for request in self.requests]


def answer(status: int = 200, body: object = None, **headers: str) -> httpx2.Response:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body if body is not None else {})
    return httpx2.Response(status, content=content, headers={k.replace("_", "-"): v for k, v in headers.items()})


# request ids


def test_retries_and_redirects_each_carry_a_fresh_id(clock) -> None:
    line = Line(
        clock,
        httpx2.ConnectError("down"),
        answer(503, retry_after="1"),
        answer(302, location=f"{BASE}/v2/invoices/b1"),
        answer(302, location="https://files.test-api.basware.com/b1?signature=abc"),
        answer(body={"bumId": "b1"}),
    )
    assert line.client.document("b1") is not None
    assert len(set(line.ids)) == len(line.ids) == 5
    assert {UUID(one).version for one in line.ids} == {4}
    assert [one.sent_id for one in line.calls] == line.ids


def test_the_library_following_a_redirect_or_signing_in_by_itself_numbers_each_request_too() -> None:
    seen: list[str] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers[REQUEST_ID])
        return answer(302, location=f"{BASE}/again") if len(seen) == 1 else answer()

    http = NetworkHttp(transport=httpx2.MockTransport(handle))
    http.get(BASE, follow_redirects=True, headers={REQUEST_ID: "mine"})
    assert len(set(seen)) == 2
    assert "mine" not in seen


def test_ids_come_from_the_source_that_was_handed_in_and_only_of_version_4() -> None:
    fresh = uuid4()
    seen = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers[REQUEST_ID])
        return answer()

    NetworkHttp(new_id=lambda: fresh, transport=httpx2.MockTransport(handle)).get(BASE)
    assert seen == [str(fresh)]
    with pytest.raises(ValueError, match="version 4"):
        NetworkHttp(new_id=uuid1, transport=httpx2.MockTransport(handle)).get(BASE)
    assert len(seen) == 1


# sign-in and links


def test_our_sign_in_goes_to_the_networks_own_host_and_nowhere_else(clock) -> None:
    line = Line(clock, answer(302, location="https://files.test-api.basware.com/x"), answer(body=b"%PDF"))
    line.client.file(FileRef(ref_id="r1"), ROOM)
    assert ["authorization" in one.headers for one in line.requests] == [True, False]


@pytest.mark.parametrize(
    "href",
    [
        "https://evil.example/files/1",
        "http://test-api.basware.com/files/1",
        "https://user:word@test-api.basware.com/files/1",
        "https://test-api.basware.com:8443/files/1",
        "https://test-api.basware.com.evil.example/files/1",
        "https://test-api.basware.com/v1.1/notifications",
        "file:///etc/passwd",
        "https:///files/1",
        "//169.254.169.254/files/1",
        "/v1.1/notifications",
        "https://test-api.basware.com/v2/files/../../v1.1/notifications",
        "not an address",
    ],
)
def test_a_link_to_anything_but_a_file_on_a_known_host_is_not_called(clock, href: str) -> None:
    line = Line(clock, answer(body=b"%PDF"))
    with pytest.raises(AddressRefused):
        line.client.file(FileRef(ref_id="link 1", href=href), ROOM)
    assert line.requests == []


def test_a_redirect_to_an_unknown_host_is_not_followed(clock) -> None:
    line = Line(clock, answer(302, location="https://storage.example/x"))
    with pytest.raises(AddressRefused, match=r"storage\.example"):
        line.client.file(FileRef(ref_id="r1"), ROOM)
    assert len(line.requests) == 1


def test_a_host_that_was_allowed_is_called(clock) -> None:
    line = Line(
        clock, answer(302, location="https://storage.example/x"), answer(body=b"1"), allowed_hosts=("storage.example",)
    )
    file = line.client.file(FileRef(ref_id="r1"), ROOM)
    assert file is not None
    assert file.content == b"1"


def test_a_file_behind_an_expired_link_is_passing_trouble_and_no_missing_right(clock) -> None:
    line = Line(clock, answer(302, location="https://files.test-api.basware.com/x"), answer(403, body=b"<Error/>"))
    line.script = [line.script[0], line.script[1]] * 4
    with pytest.raises(Unavailable, match="403"):
        line.client.file(FileRef(ref_id="r1"), ROOM)


def test_redirects_in_a_circle_end(clock) -> None:
    line = Line(clock, answer(302, location=f"{BASE}/v2/files/r1"))
    with pytest.raises(Unavailable, match="more than 3 times"):
        line.client.file(FileRef(ref_id="r1"), ROOM)


# limits and damaged answers


def test_what_is_larger_than_the_limit_is_not_read_to_its_end(clock) -> None:
    def endless():
        while True:
            yield b"x" * 65_536

    line = Line(clock, httpx2.Response(200, content=endless()))
    with pytest.raises(TooLarge):
        line.client.document("b1")
    line = Line(clock, answer(body=b"x", content_length="99999"))
    with pytest.raises(TooLarge, match="99999"):
        line.client.file(FileRef(ref_id="r1"), ROOM)
    assert len(line.requests) == 1


@pytest.mark.parametrize("body", [b"{", b'{"notifications": 1}', b'"x"', b"\xff\xfe", b'{"other": []}'])
def test_a_list_that_cannot_be_read_is_no_empty_list(clock, body: bytes) -> None:
    with pytest.raises(UnreadablePage):
        Line(clock, answer(body=body)).client.notifications()


@pytest.mark.parametrize("body", [b'{"notifications": []}', b"[]", b'{"notifications": null}', b""])
def test_an_empty_list_has_several_forms(clock, body: bytes) -> None:
    assert Line(clock, answer(body=body)).client.notifications() == ()


def test_one_broken_notification_costs_no_other(clock) -> None:
    body = b'{"notifications": [{"id": ["x"]}, {"id": "n1", "type": "BusinessDocument"}, {"id": "..", "bumId": "b"}, \
{"id": "n2", "type": "BusinessDocument", "bumId": "b2", "timestamp": "2026-11-20T08:00:00Z", "later": 1}]}'
    found = Line(clock, answer(body=body)).client.notifications()
    assert [(one.id, one.bum_id, bool(one.problem)) for one in found] == [
        ("", "", True), ("n1", "", True), ("", "b", True), ("n2", "b2", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, CredentialsRejected),
        (403, ScopeMissing),
        (429, Throttled),
        (500, NoAnswer),
        (503, NoAnswer),
    ],
)
def test_what_a_refused_confirmation_means(clock, status: int, kind: type[BaswareError]) -> None:
    told = {"version": "2.0", "errors": {"validationErrors": [{"fieldId": "a", "fieldMessage": "b"}], "message": "No",
            "code": "Error.004.0002"}}  # fmt: skip
    line = Line(clock, answer(status, told))
    with pytest.raises(kind, match=r"Error\.004\.0002: No; a b"):
        line.client.confirm("b1", "Delivered")
    assert len(line.requests) == (2 if status == 401 else 1)


def test_a_confirmation_is_never_repeated_by_itself(clock) -> None:
    line = Line(clock, httpx2.ReadTimeout("late"))
    with pytest.raises(NoAnswer):
        line.client.confirm("b1", "Delivered")
    assert len(line.requests) == 1
    with pytest.raises(Unavailable, match="Nothing was sent"):
        Line(clock, httpx2.ConnectError("down")).client.confirm("b1", "Delivered")


def test_no_error_names_the_password(clock) -> None:
    line = Line(clock, answer(401, {"errors": {"message": "Basic YWNtZS5uZXR3b3JrOndvcmQ= is wrong"}}))
    with pytest.raises(CredentialsRejected) as caught:
        line.client.notifications()
    assert "YWNtZS5uZXR3b3JrOndvcmQ" not in str(caught.value)


# messages


def message(data: object = None, **more: object) -> bytes:
    return msgspec.json.encode({"bumId": "b1", "data": data if data is not None else {"id": "1"}} | more)


def test_a_message_is_read_wherever_its_sender_put_things() -> None:
    data = {
        "externalDocumentIdentifier": {"value": "F-1"},
        "issueDate": "2026-11-18T00:00:00Z",
        "documentCurrencyCode": {"_": "eur"},
        "accountingSupplierParty": {"partyLegalEntity": {"registrationName": "Acme Oy"}},
        "legalMonetaryTotal": {"payableAmount": {"value": "1234.50", "currencyID": "EUR"}},
        "orderReference": [{"id": {"value": "PO-1"}}],
    }
    found = read_message(message(data), "B1", ("381",))
    assert (found.number, found.supplier_name, found.order_number) == ("F-1", "Acme Oy", "PO-1")
    assert (found.total, found.currency, found.issue_date) == (Decimal("1234.50"), "EUR", "2026-11-18")
    assert found.kind is NetworkKind.INVOICE


def test_a_credit_note_is_told_by_the_custom_field_of_its_type_code() -> None:
    fields = [{"name": "documentTypeCode", "value": 381}]
    assert read_message(message(customFields=fields), "b1", ("381",)).kind is NetworkKind.CREDIT_NOTE
    assert read_message(message(documentType="CreditNote"), "b1", ()).kind is NetworkKind.CREDIT_NOTE
    assert read_message(message(documentType="PaymentReceipt"), "b1", ("381",)).kind is NetworkKind.OTHER


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b"\xff", message(data={}), message(data=[1]), message(bumId="other")]
)
def test_what_is_no_document_says_why(raw: bytes) -> None:
    with pytest.raises(UnreadableMessage, match=r"."):
        read_message(raw, "b1", ())


def test_odd_values_are_left_out_and_named() -> None:
    data = {
        "id": "1",
        "issueDate": "yesterday",
        "legalMonetaryTotal": {"payableAmount": "1.234,50"},
        "orderReference": 7,
    }
    found = read_message(message(data, fileRefs=[{"refId": ".."}, {"refId": "r"}, {"refId": "r"}]), "b1", ())
    assert (found.total, found.issue_date, found.order_number) == (None, "", "7")
    assert [one.ref_id for one in found.files] == ["r"]
    assert len(found.remarks) == 4


def test_links_count_only_where_no_file_is_named_by_its_reference() -> None:
    links = [{"rel": "imageFile", "href": f"{BASE}/v2/files/1"}, {"rel": "self", "href": BASE}, {"rel": "dataFile"}]
    [file] = read_message(message(links=links), "b1", ()).files
    assert (file.file_type, file.href) == ("imageFile", f"{BASE}/v2/files/1")
    [file] = read_message(message(links=links, fileRefs=[{"refId": "1"}]), "b1", ()).files
    assert (file.ref_id, file.href) == ("1", "")
