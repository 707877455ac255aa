"""Whatever is sent, the twin answers like the service: with a refusal of its own, in a body that can be read, and nothing done."""

import copy
import gzip
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twins.http import Request, Response
from twins.quickbooks.bodies import MAX_BODY

# what to send

ODD = st.sampled_from(
    [None, True, 0, -1, 1.5, 10**30, "", " ", "0", "NaN", "1e400", "-0", "x" * 5_000, "\x00", "ł", "2026-13-45", "Ⅷ", "¹"]
    + [[], {}, [None], ["x"], [[]], {"value": []}, {"value": "999"}, {"value": "50"}, {"x": 1}, [{}], [{"Id": {}}]]
)
HEADERS = st.dictionaries(
    st.sampled_from(["accept", "authorization", "content-type", "content-encoding", "accept-encoding", "content-length"]),
    st.sampled_from(
        ["", "\xff", "application/json", "application/xml", "gzip", "br", "*/*;q=x", "Bearer", "Bearer x", "Basic =", "Basic \xff"]
        + ["multipart/form-data", "multipart/form-data; boundary=b", "multipart/form-data; boundary*=x''%ff"]
    ),
    max_size=2,
)
METHODS = st.sampled_from(["GET", "POST", "POST", "POST", "HEAD", "PUT", "OPTIONS", "DELETE", "ge t", ""])
RESOURCES = (
    "vendor bill vendorcredit journalentry billpayment purchaseorder account class department term item customer employee "
    "attachable companycurrency exchangerate companyinfo preferences taxcode taxrate taxagency taxservice/taxcode batch query cdc "
    "upload download/1 vendor/50 vendor/%35%30 vendor/50/ bill/-1 bill/٣ nothing / .. a/b/c companyinfo/1"
).split()
PARAMETERS = st.lists(
    st.tuples(
        st.sampled_from("query requestid minorversion operation include entities changedSince asofdate sourcecurrencycode".split()),
        st.sampled_from("delete void allowduplicatedocnum,void Bill,Vendor Bill,, EUR 9999-12-31T23:59:59-14:00 0001-01-01 x".split())
        | st.text(max_size=10),
    ),
    max_size=3,
)
WORDS = (
    "select SELECT * count ( ) , from where and or order orderby by desc startposition maxresults in like = < >= != 1 -1 1.5 "
    "99999999999999999999 'x' 'x 'NaN' 'sNaN' '%a%' ' ' 'true' true current_date '0001-01-01' '9999-12-31T23:59:59-14:00' \\' Id Active "
    "Balance TotalAmt TxnDate DisplayName DocNumber VendorRef MetaData.LastUpdatedTime Line x Vendor Bill Account ExchangeRate "
    "CompanyInfo Attachable AttachableRef.EntityRef.value"
).split(" ")
STATEMENTS = st.builds(
    lambda table, words: f"select * from {table} " + " ".join(words),
    st.sampled_from(["Vendor", "Bill", "Vendor where", "Bill where TotalAmt >", "Bill where MetaData.LastUpdatedTime >", "Bill orderby"]),
    st.lists(st.sampled_from(WORDS), max_size=6),
)


def record_of(qbo: Any, kind: str) -> dict[str, Any]:
    """A body the service takes, to be spoilt."""
    bill = qbo.bill(qbo.line("5.00"), DocNumber="F-1", DueDate="2026-11-30", SalesTermRef={"value": "3"})
    return {
        "vendor": {"DisplayName": "Fuzz", "BillAddr": {"Line1": "x"}, "PrimaryEmailAddr": {"Address": "a@b.c"}, "TermRef": {"value": "3"}},
        "bill": bill,
        "vendorcredit": {name: value for name, value in bill.items() if name not in {"DueDate", "SalesTermRef"}},
        "journalentry": {"Line": [qbo.side("Debit", "5", "20"), qbo.side("Credit", "5", "31", vendor="50")], "DocNumber": "J"},
        "billpayment": qbo.payment("5.00", ("Bill", "1", "5.00")),
        "purchaseorder": {"VendorRef": {"value": "50"}, "APAccountRef": {"value": "31"}, "Line": [qbo.line("5.00")]},
        "account": {"Name": "Fuzz", "AccountType": "Expense", "ParentRef": {"value": "20"}},
        "item": {"Name": "Fuzz", "Type": "Service", "ExpenseAccountRef": {"value": "20"}},
        "attachable": {"Note": "x", "AttachableRef": [{"EntityRef": {"type": "Vendor", "value": "50"}}]},
        "term": {"Name": "Fuzz", "DueDays": 5},
        "customer": {"DisplayName": "Fuzz", "Job": True, "ParentRef": {"value": "60"}},
        "companycurrency": {"Code": "SEK"},
        "exchangerate": {"SourceCurrencyCode": "SEK", "Rate": 2, "AsOfDate": "2026-10-01"},
        "preferences": {"Id": "1", "SyncToken": "0", "AccountingInfoPrefs": {"TrackDepartments": True}},
        "companyinfo": {"Id": "1", "SyncToken": "0", "CompanyName": "x"},
        "taxservice/taxcode": {"TaxCode": "Fuzz", "TaxRateDetails": [{"TaxRateName": "r", "RateValue": "5", "TaxAgencyId": "1"}]},
        "batch": {"BatchItemRequest": [{"bId": "1", "operation": "create", "Bill": bill}, {"bId": "2", "Query": "select * from Bill"}]},
    }[kind]


SPOILT = st.sampled_from(
    "vendor bill vendorcredit journalentry billpayment purchaseorder account item attachable term customer companycurrency "
    "exchangerate preferences companyinfo taxservice/taxcode batch".split()
)


def spoilt(record: Any, draw: Any) -> Any:
    """The record with one to three of its values, at any depth, taken out or replaced by something odd."""
    record = copy.deepcopy(record)
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(places(record)))
        odd = draw(ODD)
        if odd is None and isinstance(holder, dict):
            del holder[key]
        else:
            holder[key] = copy.deepcopy(odd)
        if not places(record):
            break
    return record


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place inside a value, as what holds it and its key there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, inner in pairs for place in [(value, key), *places(inner)]]


# what must hold


def answered(qbo: Any, request: Request) -> Response:
    """The answer, after a look at what holds of every one."""
    before = qbo.twin.books(qbo.realm)
    answer = qbo.twin.handle(request)
    assert answer.status < 500
    if answer.status >= 400:
        assert qbo.twin.books(qbo.realm) == before
    kind = answer.headers.get("Content-Type", "")
    if answer.body and "json" in kind:
        qbo.decode(answer.body)
    elif answer.body and "xml" in kind:
        ElementTree.fromstring(answer.body)
    return answer


def request_to(qbo: Any, method: str, resource: str, body: bytes, query: Any = (), headers: Any = None) -> Request:
    usual = {"authorization": f"Bearer {qbo.access_token}", "accept": "application/json", "content-type": "application/json"}
    path = f"/v3/company/{qbo.realm}/{resource}"
    return Request(method, "quickbooks", path, tuple(query), {**usual, **(headers or {})}, body)


fuzzed = settings(derandomize=True, deadline=None, database=None)


@settings(fuzzed, max_examples=300)
@given(METHODS, st.sampled_from(RESOURCES), PARAMETERS, HEADERS, st.binary(max_size=20) | st.sampled_from([b"{}", b"[1]", b"null"]))
def test_no_method_path_parameter_or_header_upsets_the_api(
    company: Any, method: str, resource: str, query: Any, headers: Any, body: bytes
) -> None:
    answered(company, request_to(company, method, resource, body, query, headers))


@settings(fuzzed, max_examples=300)
@given(SPOILT, st.sampled_from(["", "", "delete", "void", "update"]), st.data(), st.sampled_from(["application/json", "application/xml"]))
def test_no_value_in_a_body_upsets_the_api(company: Any, kind: str, operation: str, data: Any, accepted: str) -> None:
    body = company.encode(spoilt(record_of(company, kind), data.draw))
    query = [("operation", operation)] if operation else []
    answered(company, request_to(company, "POST", kind, body, query, {"accept": accepted}))
