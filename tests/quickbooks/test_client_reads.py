"""Reading a company: pages, batches of queries, changes, and what is tried again."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest

from ml_connector.quickbooks.client import MINOR_VERSION, QuickBooksClient, make_http
from ml_connector.quickbooks.errors import QuickBooksError, Refused, SignInNeeded, Throttled, Unavailable
from ml_connector.quickbooks.queries import numbers_in
from ml_connector.quickbooks.wire import UnsendableError

Script = Callable[..., Any]
Answers = Callable[..., httpx2.Response]
EMPTY = {"QueryResponse": {}, "time": "2026-09-01T08:13:20.783-07:00"}


def vendors(*ids: int) -> dict[str, Any]:
    rows = [{"Id": str(number), "DisplayName": f"Vendor {number}"} for number in ids]
    return {"QueryResponse": {"Vendor": rows, "startPosition": 1, "maxResults": len(rows)}}


def test_a_query_is_posted_as_text_with_the_minor_version(scripted: Script, ok: Answers) -> None:
    company = scripted(ok(vendors(71)))
    assert company.client.query("select * from Vendor") == [{"Id": "71", "DisplayName": "Vendor 71"}]
    (request,) = company.requests
    assert (request.method, request.url.path) == ("POST", "/v3/company/9341450001/query")
    assert parse_qs(request.url.query.decode()) == {"minorversion": [str(MINOR_VERSION)]}
    assert request.headers["content-type"] == "application/text"
    assert request.headers["accept"] == "application/json"
    assert request.content == b"select * from Vendor"


def test_nothing_found_is_an_empty_answer_not_an_error(scripted: Script, ok: Answers) -> None:
    assert scripted(ok(EMPTY)).client.query("select * from Vendor") == []


def test_amounts_are_exact(scripted: Script, ok: Answers) -> None:
    company = scripted(ok(b'{"QueryResponse":{"Bill":[{"Id":"1","TotalAmt":99999999999999.99,"Balance":0}]}}'))
    assert company.client.query("select * from Bill")[0]["TotalAmt"] == Decimal("99999999999999.99")


def test_all_records_are_read_page_by_page_and_each_once(scripted: Script, ok: Answers) -> None:
    company = scripted(ok(vendors(1, 2, 3)), ok(vendors(3, 4, 5)), ok(vendors(6)))
    assert [row["Id"] for row in company.client.query_all("Vendor", page=3)] == ["1", "2", "3", "4", "5", "6"]
    assert [request.content.decode() for request in company.requests] == [
        f"SELECT * FROM Vendor WHERE Active IN (true, false) ORDERBY Id STARTPOSITION {start} MAXRESULTS 3"
        for start in (1, 4, 7)
    ]


def test_reading_stops_at_an_empty_page(scripted: Script, ok: Answers) -> None:
    company = scripted(ok(vendors(1, 2)), ok(EMPTY))
    assert len(list(company.client.query_all("Vendor", page=2))) == 2


def test_a_condition_of_the_caller_is_kept_beside_the_inactive_ones(scripted: Script, ok: Answers) -> None:
    company = scripted(ok(EMPTY), ok(EMPTY))
    list(company.client.query_all("Vendor", where="Active = true"))
    list(company.client.query_all("Bill", where="TxnDate > '2026-01-01'"))
    assert [request.content.decode().partition(" ORDERBY")[0] for request in company.requests] == [
        "SELECT * FROM Vendor WHERE Active = true",
        "SELECT * FROM Bill WHERE TxnDate > '2026-01-01'",
    ]


@pytest.mark.parametrize("page", [0, 1001])
def test_a_page_size_the_service_does_not_know_is_refused_here(scripted: Script, page: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        list(scripted().client.query_all("Vendor", page=page))


def test_several_queries_travel_in_one_batch_and_come_back_in_their_order(scripted: Script, ok: Answers) -> None:
    items = [{"QueryResponse": {}, "bId": "2"}, {**vendors(71), "bId": "1"}]
    company = scripted(ok({"BatchItemResponse": items}))
    found = company.client.batch_queries(["select * from Vendor", "select * from Term"])
    assert [[row["Id"] for row in rows] for rows in found] == [["71"], []]
    assert company.sent[0]["BatchItemRequest"][1] == {"bId": "2", "Query": "select * from Term"}
    assert company.budget.slots == [True]
    assert "requestid" not in str(company.requests[0].url)


def test_a_number_look_up_with_a_full_page_is_read_to_its_end(scripted: Script, ok: Answers) -> None:
    first = [{"Id": str(n)} for n in range(1000)]
    company = scripted(
        ok({"BatchItemResponse": [{"QueryResponse": {"Bill": first}, "bId": "1"}]}),
        ok({"QueryResponse": {"Bill": [{"Id": "1000"}]}}),
    )
    (rows,) = company.client.batch_queries(numbers_in("Bill", ["INV-1"]))
    assert len(rows) == 1001
    assert company.requests[1].content.endswith(b"ORDERBY Id STARTPOSITION 1001 MAXRESULTS 1000")


def test_a_refused_query_in_a_batch_is_not_taken_for_nothing_found(
    scripted: Script, ok: Answers, fault: Script
) -> None:
    company = scripted(ok({"BatchItemResponse": [{**fault("4001", "invalid context declaration: Vendr"), "bId": "1"}]}))
    with pytest.raises(Refused, match="invalid context declaration"):
        company.client.batch_queries(["select * from Vendr"])


def test_a_missing_answer_in_a_batch_of_queries_is_not_taken_for_nothing_found(scripted: Script, ok: Answers) -> None:
    company = scripted(ok({"BatchItemResponse": [{"QueryResponse": {}, "bId": "1"}]}))
    with pytest.raises(Unavailable, match="no answer to query 2"):
        company.client.batch_queries(["a", "b"])


def test_more_than_thirty_queries_do_not_fit_a_batch(scripted: Script) -> None:
    with pytest.raises(UnsendableError, match="30"):
        scripted().client.batch_queries(["select * from Vendor"] * 31)


def test_one_record_is_read_by_its_id(scripted: Script, ok: Answers) -> None:
    company = scripted(ok({"VendorCredit": {"Id": "5", "SyncToken": "2"}, "time": "…"}))
    assert company.client.read("VendorCredit", "5") == {"Id": "5", "SyncToken": "2"}
    assert company.requests[0].url.path == "/v3/company/9341450001/vendorcredit/5"


def test_company_information_and_preferences_are_read(scripted: Script, ok: Answers) -> None:
    company = scripted(ok({"CompanyInfo": {"Country": "US"}}), ok({"Preferences": {"Id": "1"}}))
    assert company.client.company_info() == {"Country": "US"}
    assert company.client.preferences() == {"Id": "1"}
    assert [request.url.path.removeprefix("/v3/company/9341450001/") for request in company.requests] == [
        "companyinfo/9341450001",
        "preferences",
    ]


CHANGES = {
    "CDCResponse": [
        {
            "QueryResponse": [
                {
                    "Bill": [
                        {"domain": "QBO", "sparse": False, "Id": "126", "SyncToken": "1"},
                        {"domain": "QBO", "status": "Deleted", "Id": "131"},
                    ],
                    "startPosition": 1,
                    "maxResults": 2,
                    "totalCount": 2,
                },
                {"Vendor": [{"Id": "71", "Active": False}], "startPosition": 1, "maxResults": 1},
                {},
            ]
        }
    ],
    "time": "2026-09-02T10:00:01.102-07:00",
}


def test_changes_tell_records_from_deletions_and_carry_the_services_time(scripted: Script, ok: Answers) -> None:
    company = scripted(ok(CHANGES))
    since = datetime(2026, 9, 1, 7, 0, tzinfo=UTC)
    changes = company.client.changes(["Bill", "Vendor", "Term"], since)
    assert [row["Id"] for row in changes.records["Bill"]] == ["126"]
    assert changes.deleted["Bill"] == ["131"]
    assert changes.records["Vendor"][0]["Active"] is False
    assert changes.time == datetime(2026, 9, 2, 17, 0, 1, 102000, tzinfo=UTC)
    assert not changes.truncated
    asked = parse_qs(company.requests[0].url.query.decode())
    assert asked["changedSince"] == ["2026-09-01T07:00:00+00:00"]
    assert asked["entities"] == ["Bill,Vendor,Term"]


def test_an_answer_as_long_as_answers_get_is_marked_as_cut_off(scripted: Script, ok: Answers) -> None:
    rows = [{"Id": str(n)} for n in range(1000)]
    body = {"CDCResponse": [{"QueryResponse": [{"Bill": rows}]}], "time": CHANGES["time"]}
    assert scripted(ok(body)).client.changes(["Bill"], datetime(2026, 9, 1, tzinfo=UTC)).truncated


def test_changes_are_not_asked_for_lists_that_have_no_change_feed(scripted: Script) -> None:
    with pytest.raises(ValueError, match="TaxCode"):
        scripted().client.changes(["Bill", "TaxCode"], datetime(2026, 9, 1, tzinfo=UTC))


def test_changes_need_an_instant_not_a_local_time(scripted: Script) -> None:
    with pytest.raises(ValueError, match="time zone"):
        scripted().client.changes(["Bill"], datetime(2026, 9, 1))  # noqa: DTZ001


def test_an_expired_token_is_renewed_once_and_the_call_repeated(scripted: Script, ok: Answers) -> None:
    company = scripted(ok(b"", 401), ok(vendors(71)))
    assert company.client.query("select * from Vendor")
    assert company.forced == [False, True]
    assert [request.headers["authorization"] for request in company.requests] == [
        "Bearer secret-token-1",
        "Bearer secret-token-2",
    ]


def test_a_token_refused_twice_asks_a_person_to_sign_in(scripted: Script, ok: Answers, fault: Script) -> None:
    company = scripted(ok(fault("3200", "Token revoked: AB01xyz", "AUTHENTICATION"), 401), ok(b"", 401))
    with pytest.raises(SignInNeeded):
        company.client.query("select * from Vendor")
    assert company.forced == [False, True]


def test_a_token_for_another_company_is_not_renewed_in_vain(scripted: Script, ok: Answers, fault: Script) -> None:
    company = scripted(ok(fault("3100", kind="AUTHORIZATION"), 403))
    with pytest.raises(SignInNeeded):
        company.client.query("select * from Vendor")
    assert company.forced == [False]


def test_too_many_requests_wait_for_the_budget_and_go_on(scripted: Script, ok: Answers) -> None:
    company = scripted(
        ok(b"", 429, **{"Retry-After": "7"}), ok(b"", 429), ok(b"", 429, **{"Retry-After": "soon"}), ok(vendors(71))
    )
    assert company.client.query("select * from Vendor")
    assert company.budget.waits == [7.0, None, None]
    assert company.budget.in_flight == 0


def test_endless_throttling_ends_in_an_error_for_later(scripted: Script, ok: Answers) -> None:
    company = scripted(*[ok(b"", 429) for _ in range(20)])
    with pytest.raises(Throttled):
        company.client.query("select * from Vendor")
    assert len(company.requests) == len(company.budget.waits) == 5


@pytest.mark.parametrize("trouble", ["503", "html", "cut", "refused connection"])
def test_a_read_is_repeated_when_the_service_breaks_down(scripted: Script, ok: Answers, trouble: str) -> None:
    answer = {
        "503": lambda: ok(b"<html>down</html>", 503),
        "html": lambda: ok(b"<html>fine?</html>"),
        "cut": lambda: httpx2.ReadError("cut"),
        "refused connection": lambda: httpx2.ConnectError("down"),
    }[trouble]
    company = scripted(answer(), answer(), ok(vendors(71)))
    assert company.client.query("select * from Vendor")
    given_up = scripted(answer(), answer(), answer(), ok(vendors(71)))
    with pytest.raises(Unavailable):
        given_up.client.query("select * from Vendor")


def test_a_refused_query_is_not_repeated(scripted: Script, ok: Answers, fault: Script) -> None:
    company = scripted(ok(fault("4000"), 400))
    with pytest.raises(Refused) as caught:
        company.client.query("selct")
    assert [found.code for found in caught.value.faults] == ["4000"]
    assert (caught.value.trace, caught.value.status) == ("1-abc", 400)


def test_a_fault_inside_a_success_is_a_refusal(scripted: Script, ok: Answers, fault: Script) -> None:
    with pytest.raises(Refused):
        scripted(ok(fault("4001"))).client.query("select * from Vendr")


def test_a_redirect_is_never_followed_with_the_token(scripted: Script, ok: Answers) -> None:
    company = scripted(ok(b"", 302, Location="https://elsewhere.test/"))
    with pytest.raises(Refused):
        company.client.query("select * from Vendor")
    assert [request.url.host for request in company.requests] == ["qbo.test"]


def test_each_call_leaves_a_record_without_token_or_company(scripted: Script, ok: Answers) -> None:
    company = scripted(
        ok(b"", 401), httpx2.ReadTimeout("slow"), ok(vendors(71), **{"Intuit-Tid": "1-5f"}, intuit_tid="")
    )
    company.client.query("select * from Vendor")
    assert [(call.method, call.path, call.status, call.trace, call.milliseconds) for call in company.calls] == [
        ("POST", "query", 401, "1-abc", 1000),
        ("POST", "query", None, "", 1000),
        ("POST", "query", 200, "1-5f", 1000),
    ]
    assert "secret-token" not in repr(company.calls)
    assert "9341450001" not in repr(company.calls)


def test_a_minor_version_that_no_longer_exists_is_refused(scripted: Script) -> None:
    with pytest.raises(ValueError, match="75"):
        QuickBooksClient(
            scripted().http,
            base_url="https://qbo.test",
            realm_id="1",
            access_token=lambda _: "t",
            budget=scripted().budget,
            minor_version=65,
        )


def test_the_client_outwaits_the_service_so_that_slow_is_not_lost() -> None:
    timeout = make_http().timeout
    assert (timeout.connect, timeout.read, timeout.write, timeout.pool) == (10, 130, 30, 10)


def test_an_answer_without_what_was_asked_is_an_error(scripted: Script, ok: Answers) -> None:
    with pytest.raises(QuickBooksError, match="no Bill"):
        scripted(*[ok({"Vendor": {}}) for _ in range(3)]).client.read("Bill", "1")
