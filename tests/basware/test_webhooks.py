"""What Basware's push notifications look like and how they are signed, in every form the signature may be written."""

import base64
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.basware import webhooks
from ml_connector.basware.webhooks import Form
from ml_connector.model.announcements import Announcement

TOKEN = "geheim-ö-123"
TASK = {
    "taskId": "7a1d2c3e-0b4f-4a55-9c66-1f2e3d4c5b6a",
    "taskStatus": "New",
    "taskType": "AccountingDocuments",
    "taskSubType": "WaitingForTransfer",
    "documentId": "5f0c1d6b9a7e4c4f8b21d3e07a64f912",
    "expirationTime": "2026-04-21T07:41:12Z",
}
BODY = json.dumps(TASK).encode()


def only(**changes: object) -> Announcement:
    found = webhooks.read(json.dumps(TASK | changes).encode())
    assert len(found.events) == 1
    return found.events[0]


# Signatures


def test_every_usual_way_to_write_the_signature_is_recognised_and_told_apart() -> None:
    digest = hmac.new(TOKEN.encode("utf-8"), BODY, "sha256").digest()
    written = {
        Form.HEX: digest.hex(),
        Form.UPPER_HEX: digest.hex().upper(),
        Form.BASE64: base64.b64encode(digest).decode(),
        Form.PREFIXED_HEX: f"sha256={digest.hex()}",
        Form.PREFIXED_UPPER_HEX: f"sha256={digest.hex().upper()}",
        Form.PREFIXED_BASE64: f"sha256={base64.b64encode(digest).decode()}",
    }

    assert {form: webhooks.matching_form(BODY, text, TOKEN) for form, text in written.items()} == {
        form: form for form in Form
    }
    assert {form: webhooks.signature(BODY, TOKEN, form) for form in Form} == written


@pytest.mark.parametrize("form", Form)
def test_a_signature_over_other_bytes_or_by_another_token_is_refused(form: Form) -> None:
    good = webhooks.signature(BODY, TOKEN, form)

    assert webhooks.matching_form(BODY[:-1], good, TOKEN) is None
    assert webhooks.matching_form(BODY + b" ", good, TOKEN) is None
    assert webhooks.matching_form(json.dumps(TASK, indent=1).encode(), good, TOKEN) is None
    assert webhooks.matching_form(BODY, good, "geheim-o-123") is None


@pytest.mark.parametrize(
    "mangle", [str.swapcase, str.title, lambda text: text[:-2], lambda text: f"md5={text}", lambda _: ""]
)
def test_a_mangled_signature_is_refused(mangle: object) -> None:
    assert webhooks.matching_form(BODY, mangle(webhooks.signature(BODY, TOKEN, Form.PREFIXED_HEX)), TOKEN) is None  # type: ignore[operator]


# Notifications


def test_a_task_announces_a_document() -> None:
    event = only()

    assert (event.entity, event.operation, event.entity_id) == (
        "AccountingDocuments",
        "WaitingForTransfer",
        "5f0c1d6b9a7e4c4f8b21d3e07a64f912",
    )
    assert event.event_id == TASK["taskId"]
    assert event.expires_at == datetime(2026, 4, 21, 7, 41, 12, tzinfo=UTC)
    assert event.problem == ""


@pytest.mark.parametrize("kind", ["AccoutingDocuments", "accountingdocuments", "ACCOUNTINGDOCUMENTS"])
def test_the_specifications_own_misspelling_and_any_casing_mean_accounting_documents(kind: str) -> None:
    assert only(taskType=kind).entity == "AccountingDocuments"


def test_an_unknown_task_type_is_kept_as_it_came() -> None:
    event = only(taskType="InvoiceGenericTask", taskSubType=None)

    assert (event.entity, event.operation, event.problem) == ("InvoiceGenericTask", "", "")


@pytest.mark.parametrize("kind", ["ConnectionTest", "connectiontest"])
def test_a_connection_test_announces_nothing(kind: str) -> None:
    found = webhooks.read(json.dumps(TASK | {"taskType": kind}).encode())

    assert (found.is_test, found.events) == (True, ())


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"documentId": None}, "the event names no document"),
        ({"taskType": ""}, "the event names no task type"),
        ({"documentId": "x" * 999}, "the name of its document is longer than any there is"),
    ],
)
def test_a_task_that_cannot_be_acted_on_is_kept_with_the_reason(changes: dict[str, object], problem: str) -> None:
    assert only(**changes).problem == problem


def test_a_task_without_id_is_told_apart_by_everything_else() -> None:
    first, again, other = only(taskId=None), only(taskId=None), only(taskId=None, documentId="other")

    assert first.event_id == again.event_id != other.event_id


@pytest.mark.parametrize("body", [b"", b"{", b'{"taskId":', b"\x00", b"[" * 50_000])
def test_what_is_no_json_is_told(body: bytes) -> None:
    assert webhooks.read(body).problem.startswith("the body is not JSON")


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(list(TASK)), inner),
    max_leaves=20,
)


@given(st.binary())
def test_no_bytes_make_the_reader_fail(body: bytes) -> None:
    webhooks.read(body)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(TASK, ODD)) | ODD)
def test_no_json_makes_the_reader_fail_and_all_it_says_can_be_stored(tree: object) -> None:
    for event in webhooks.read(json.dumps(tree).encode()).events:
        for text in (event.event_id, event.entity, event.entity_id, event.operation):
            assert len(text.encode()) <= 4 * 200


@pytest.mark.parametrize("token", ["token", "another"])
def test_a_right_signature_takes_as_many_comparisons_as_a_wrong_one_and_each_in_constant_time(token, monkeypatch):
    compared, really = [], webhooks.hmac.compare_digest

    def compare(ours, given):
        compared.append(ours)
        return really(ours, given)

    monkeypatch.setattr(webhooks.hmac, "compare_digest", compare)
    given = webhooks.signature(b"{}", "token", Form.HEX)

    found = webhooks.matching_form(b"{}", given, token)

    assert found is (Form.HEX if token == "token" else None)
    assert len(compared) == len(Form)
