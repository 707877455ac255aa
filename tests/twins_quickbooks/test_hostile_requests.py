"""Whatever is sent, the twin answers like the service: with a refusal of its own, in a body that can be read, and nothing done."""

import copy
import gzip
import xml.etree.ElementTree as ET
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twins.http import Request, Response

decode = msgspec.json.Decoder(float_hook=Decimal).decode
encode = msgspec.json.Encoder(decimal_format="number").encode
fuzzed = settings(derandomize=True, database=None, deadline=None)

# what is sent


def words(text: str) -> st.SearchStrategy[str]:
    """One of these words."""
    return st.sampled_from(text.split())


METHODS = st.sampled_from(["GET", "POST", "POST", "POST", "HEAD", "PUT", "OPTIONS", "DELETE", "ge t", ""])
RESOURCES = words(
    "vendor bill journalentry billpayment purchaseorder account attachable exchangerate companyinfo preferences taxcode "
    "taxservice/taxcode batch query cdc upload download/1 vendor/50 vendor/%35%30 vendor/50/ bill/-1 bill/٣ preferences/1 "
    "companyinfo/1 nothing / .. a/b/c"
)
PARAMETERS = st.lists(
    st.tuples(
        words("query requestid minorversion operation include entities changedSince asofdate sourcecurrencycode"),
        words("delete void allowduplicatedocnum,void Bill,Vendor Bill,, EUR 0001-01-01 9999-12-31T23:59:59-14:00 ٣")
        | st.text(max_size=10),
    ),
    max_size=3,
)
HEADERS = st.dictionaries(
    words("accept authorization content-type content-encoding accept-encoding content-length"),
    words("é application/json application/xml gzip br */*;q=x Bearer Basic multipart/form-data")
    | st.sampled_from(["", "Bearer x", "Basic =", "Basic é", "multipart/form-data; boundary*=x''%ff"]),
    max_size=2,
)
BODIES = st.binary(max_size=20) | st.sampled_from([b"", b"{}", b"[1]", b"null", b"NaN", b'{"Id":1e400}', b'"\\ud800"'])
PATHS = words(
    "/oauth2/v1/tokens/bearer /v2/oauth2/tokens/revoke /connect/oauth2 /app/connect/oauth2/request /v1/openid_connect/userinfo "
    "/op/v1/jwks /.well-known/openid_configuration /twin-files/1/2/x /v3/company /v3/company/ /v3/company//x /"
)
FORMS = st.builds(
    str.encode,
    words('{} a=b &=& grant_type=refresh_token&refresh_token=%ff {"token":[]} ticket=x grant_type=x code=%00 é'),
)
ASKED = st.lists(
    st.tuples(
        words("client_id redirect_uri response_type scope state realmId appId mode X-Amz-Date"),
        words("app http://[::1 http://localhost:99999/x http://localhost/ code openid ² reconnect"),
    ),
    max_size=6,
)
OPENINGS = (
    "select * from Vendor|select * from Bill where TotalAmt >|select * from Bill where MetaData.LastUpdatedTime >|select|"
    "select count(*) from Bill|select * from Vendor where DisplayName like|select * from Bill orderby|"
    "select Id from Vendor startposition"
)
STATEMENTS = st.builds(
    lambda opening, more: " ".join([opening, *more]),
    st.sampled_from(OPENINGS.split("|")),
    st.lists(
        words(
            "* ( ) , and or order by desc maxresults where in like = < != -1 1.5 99999999999999999999 'x' 'x 'NaN' 'sNaN' "
            "'Infinity' '%a%' ' '' true current_date '0001-01-01' '9999-12-31T23:59:59-14:00' '2026-13-45' \\' Id Active Balance "
            "TxnDate DocNumber VendorRef Line Vendor Attachable AttachableRef.EntityRef.value ExchangeRate CompanyInfo"
        ),
        max_size=5,
    ),
)
ODD_TEXT = st.just("") | st.just(" ") | words("0 NaN 1e400 -0 \x00 ł 2026-13-45 Ⅷ ¹") | st.just("x" * 5_000)
ODD_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**30, [], {}, [None], ["x"], [[]], {"value": []}, {"value": "999"}, {"x": 1}, [{"Id": {}}],
)  # fmt: skip
ODD = ODD_TEXT | st.sampled_from(ODD_VALUES)
PIECES: tuple[bytes, ...] = (
    b"--b", b"--b--", b"\r\n", b"\n", b"\r\n\r\n", b"x", b"\xff", b"{}", b'{"Id":[]}', b"[", b"Content-Type: \xff",
    b'Content-Disposition: form-data; name="file_content_1"; filename="a.pdf"', b"Content-Transfer-Encoding: base64",
    b'Content-Disposition: form-data; name="file_metadata_1"',
)  # fmt: skip


def wholesome(qbo: Any) -> dict[str, Any]:
    """Bodies the service takes, by resource."""
    bill = qbo.bill(qbo.line("5.00"), DocNumber="F-1", DueDate="2026-11-30", SalesTermRef={"value": "3"})
    vendor = {"DisplayName": "Fuzz", "BillAddr": {"Line1": "x"}, "PrimaryEmailAddr": {"Address": "a@b.c"}}
    sides = [qbo.side("Debit", "5", "20"), qbo.side("Credit", "5", "31", vendor="50")]
    item = {"bId": "1", "operation": "create", "Bill": bill}
    return {
        "vendor": {**vendor, "TermRef": {"value": "3"}},
        "bill": bill,
        "journalentry": {"Line": sides, "DocNumber": "J"},
        "billpayment": qbo.payment("5.00", ("Bill", "1", "5.00")),
        "purchaseorder": {"VendorRef": {"value": "50"}, "APAccountRef": {"value": "31"}, "Line": [qbo.line("5.00")]},
        "account": {"Name": "Fuzz", "AccountType": "Expense", "ParentRef": {"value": "20"}},
        "attachable": {"Note": "x", "AttachableRef": [{"EntityRef": {"type": "Vendor", "value": "50"}}]},
        "exchangerate": {"SourceCurrencyCode": "SEK", "Rate": 2, "AsOfDate": "2026-10-01"},
        "preferences": {"Id": "1", "SyncToken": "0", "AccountingInfoPrefs": {"TrackDepartments": True}},
        "batch": {"BatchItemRequest": [item, {"bId": "2", "Query": "select * from Bill"}]},
    }


def spoilt(record: Any, draw: Callable[[Any], Any]) -> Any:
    """The record with some of its values, at any depth, taken out or replaced by something odd."""
    record = copy.deepcopy(record)
    for _ in range(draw(st.integers(1, 3))):
        if not (open_places := places(record)):
            break
        holder, key = draw(st.sampled_from(open_places))
        odd = copy.deepcopy(draw(ODD))
        if odd is None and isinstance(holder, dict):
            del holder[key]
        else:
            holder[key] = odd
    return record


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place inside a value, as what holds it and its key there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, inner in pairs for place in [(value, key), *places(inner)]]


# what holds of every answer


@pytest.fixture(scope="module")
def company(make_world: Any) -> Any:
    """A company that all these requests meet, one after the other."""
    return make_world()


def answered(qbo: Any, request: Request) -> Response:
    before = qbo.twin.books(qbo.realm)
    answer: Response = qbo.twin.handle(request)
    assert answer.status < 500
    if answer.status >= 400:
        assert qbo.twin.books(qbo.realm) == before
    kind = answer.headers.get("Content-Type", "")
    if answer.body and "json" in kind:
        decode(answer.body)
    elif answer.body and "xml" in kind:
        ET.fromstring(answer.body)
    return answer


def call(qbo: Any, method: str, resource: str, body: bytes = b"", query: Any = (), **headers: str) -> Response:
    usual = {
        "authorization": f"Bearer {qbo.access_token}",
        "accept": "application/json",
        "content-type": "application/json",
    }
    given_headers = {**usual, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return answered(
        qbo, Request(method, "quickbooks", f"/v3/company/{qbo.realm}/{resource}", tuple(query), given_headers, body)
    )


def code_of(answer: Response) -> str:
    assert answer.status == 400
    code: str = decode(answer.body)["Fault"]["Error"][0]["code"]
    return code


@settings(fuzzed, max_examples=400)
@given(st.tuples(METHODS, RESOURCES, BODIES, PARAMETERS), HEADERS)
def test_no_method_path_parameter_or_header_upsets_the_api(company, sent, headers):
    call(company, *sent, **headers)


@settings(fuzzed, max_examples=400)
@given(st.data(), st.sampled_from(["", "", "delete", "void", "update"]), st.sampled_from(["json", "xml"]))
def test_no_value_in_a_body_upsets_the_api(company, data, operation, form):
    resource, record = data.draw(st.sampled_from(sorted(wholesome(company).items())))
    body = encode(spoilt(record, data.draw))
    call(company, "POST", resource, body, [("operation", operation)], accept=f"application/{form}")


@settings(fuzzed, max_examples=400)
@given(STATEMENTS, st.sampled_from(["json", "xml"]))
def test_no_statement_upsets_the_query_endpoint(company, statement, form):
    call(company, "POST", "query", statement.encode(), accept=f"application/{form}")


@settings(fuzzed, max_examples=200)
@given(st.tuples(METHODS, PATHS, ASKED, HEADERS, FORMS))
def test_nothing_upsets_the_sign_in_service(company, sent):
    method, path, query, headers, form = sent
    answered(company, Request(method, "intuit", path, tuple(query), headers, form))


@settings(fuzzed, max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_no_form_upsets_the_upload(company, pieces):
    body = b"".join(pieces)
    kind = "multipart/form-data; boundary=b"
    call(company, "POST", "upload", body, content_type=kind, content_length=str(len(body)))


# what was found once


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"VendorEx":' + b'{"a":' * 300 + b"1" + b"}" * 301])
def test_a_body_that_nests_beyond_all_measure_is_refused_not_kept(company, body):
    assert code_of(call(company, "POST", "vendor", body)) == "2010"


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity"])
@pytest.mark.parametrize("condition", ["> '{}'", "= '{}'", "in ('{}')"])
def test_what_is_no_number_compares_with_no_amount(company, condition, value):
    statement = f"select * from Bill where TotalAmt {condition.format(value)}"
    assert code_of(call(company, "POST", "query", statement.encode())) == "4001"


@pytest.mark.parametrize("number", ["2147483648", "9" * 5_000])
@pytest.mark.parametrize("clause", ["startposition", "maxresults"])
def test_pages_are_numbered_in_small_numbers(company, clause, number, monkeypatch):
    monkeypatch.setattr(company.twin.switches, "clamp_page_size", True)
    assert code_of(call(company, "POST", "query", f"select * from Vendor {clause} {number}".encode())) == "4001"


@pytest.mark.parametrize("instant", ["0001-01-01", "9999-12-31T23:59:59-14:00"])
def test_an_instant_beyond_all_years_is_refused(company, instant):
    statement = f"select * from Bill where MetaData.LastUpdatedTime > '{instant}'"
    assert code_of(call(company, "POST", "query", statement.encode())) == "4001"
    assert code_of(call(company, "GET", "cdc", query=[("entities", "Bill"), ("changedSince", instant)])) == "2060"


def test_a_rate_is_asked_for_on_a_day(company):
    asked = [("sourcecurrencycode", "EUR"), ("asofdate", "2026-13-45")]
    assert code_of(call(company, "GET", "exchangerate", query=asked)) == "2060"


def test_a_minor_version_of_any_length_is_no_reason_to_fail(company):
    assert call(company, "GET", "vendor/50", query=[("minorversion", "9" * 5_000)]).status == 200


def test_a_pattern_of_many_wildcards_is_answered(company):
    company.post("Vendor", {"DisplayName": "a" * 499 + "b"})
    statement = f"select * from Vendor where DisplayName like '{'%a' * 40}%c'"
    assert decode(call(company, "POST", "query", statement.encode()).body)["QueryResponse"] == {}


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("Nord%", 1), ("%print", 1), ("%lys%pri%", 1), ("nordlys print", 1), ("%", 1), ("%%", 1), ("n%n%t", 1),
        ("%nordlys print%", 1), ("nord", 0), ("nordlys print%t", 0), ("%printp", 0), ("n.*t", 0), ("%pri%lys%", 0),
    ],
)  # fmt: skip
def test_a_pattern_knows_wildcards_for_any_text_and_nothing_else(company, pattern, found):
    statement = f"select count(*) from Vendor where DisplayName like '{pattern}' and Id = '50'"
    answer = decode(call(company, "POST", "query", statement.encode()).body)
    assert answer["QueryResponse"] == {"totalCount": found}


def test_ten_thousand_conditions_are_answered(company):
    statement = "select * from Vendor where " + " and ".join(["Id = '50'"] * 10_000)
    assert decode(call(company, "POST", "query", statement.encode()).body)["QueryResponse"]["maxResults"] == 1


def test_what_xml_cannot_say_is_left_out_of_the_answer(company):
    body = encode({"DisplayName": "Odd", "VendorEx": {"a tag <of> its own": 1, "Known": "x"}})
    shown = call(company, "POST", "vendor", body, accept="application/xml")
    assert shown.status == 200
    assert b"<VendorEx><Known>x</Known></VendorEx>" in shown.body
    refused = call(company, "POST", "query", b"select * from \x00", accept="application/xml")
    assert refused.status == 400


@pytest.mark.parametrize("keys", ["Basic é", "Basic =", "Basic /w==", "Basic", "é"])
def test_keys_that_cannot_be_read_are_wrong_keys(company, keys):
    form = b"grant_type=refresh_token&refresh_token=x"
    answer = answered(company, Request("POST", "intuit", "/oauth2/v1/tokens/bearer", (), {"authorization": keys}, form))
    assert (answer.status, answer.body) == (401, b'{"error":"invalid_client"}')


def test_a_redirect_address_that_is_no_address_is_told_to_the_person(company):
    query = (("client_id", "app"), ("redirect_uri", "http://[::1"))
    assert answered(company, Request("GET", "intuit", "/connect/oauth2", query, {})).status == 400


def test_a_small_body_that_unpacks_into_too_much_is_refused(company, monkeypatch):
    monkeypatch.setattr("twins.quickbooks.bodies.MAX_BODY", 1_000)
    assert code_of(call(company, "POST", "bill", gzip.compress(b" " * 100_000), content_encoding="gzip")) == "500"


def test_a_form_that_is_cut_off_is_refused_whole(company):
    body = b'--b\r\nContent-Disposition: form-data; name="file_content_1"; filename="a.pdf"\r\n\r\n%PDF\r\n--b\r\n'
    kind = "multipart/form-data; boundary=b"
    answer = call(company, "POST", "upload", body, content_type=kind, content_length=str(len(body)))
    assert code_of(answer) == "500"
    assert company.query("select * from Attachable where FileName = 'a.pdf'") == {}
