"""What stands before every operation: tokens, companies, limits, formats, request ids."""

import gzip
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from twins.http import Request
from twins.quickbooks.values import stamp

NAMESPACE = "{http://schema.intuit.com/finance/v3}"
decode = msgspec.json.Decoder(float_hook=Decimal).decode
encode = msgspec.json.Encoder(decimal_format="number").encode


@pytest.mark.row("Q13", "O5")
def test_an_expired_token_is_answered_in_the_gateways_own_casing(qbo):
    qbo.clock.advance(3600)
    answer = qbo.raw("GET", "preferences")
    assert answer.status == 401
    assert answer.headers["Www-Authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
    status, body = qbo.call("GET", "preferences")
    assert status == 401
    assert body["fault"]["error"][0]["code"] == "3200"
    assert body["fault"]["type"] == "AUTHENTICATION"
    assert isinstance(body["time"], int)
    assert body["queryResponse"] is None


@pytest.mark.row("Q13")
def test_another_companys_token_is_refused_with_3100(qbo):
    qbo.realm = "123"
    status, body = qbo.call("GET", "preferences")
    assert status == 403
    assert body["fault"]["error"][0]["code"] == "3100"


def test_every_answer_carries_the_headers_support_asks_for(qbo):
    first, second = qbo.raw("GET", "preferences"), qbo.raw("GET", "bill/99999")
    assert first.headers["Content-Type"] == "application/json;charset=utf-8"
    assert second.headers["Content-Type"] == "application/json"
    assert first.headers["Intuit-Tid"] != second.headers["Intuit-Tid"]
    assert {"Qbo-Version", "Service-Time", "Cache-Control", "Expires"} <= set(first.headers)


@pytest.mark.row("Q13")
def test_who_does_not_ask_for_json_gets_xml(qbo):
    bill = qbo.post("Bill", qbo.bill(qbo.line("12.50"), DocNumber="A&B"))
    answer = qbo.raw("GET", f"bill/{bill['Id']}", headers={"accept": "*/*"})
    assert answer.headers["Content-Type"].startswith("application/xml")
    root = ET.fromstring(answer.body)
    found = root.find(f"{NAMESPACE}Bill")
    assert found.get("domain") == "QBO"
    assert found.findtext(f"{NAMESPACE}DocNumber") == "A&B"
    assert found.findtext(f"{NAMESPACE}TotalAmt") == "12.50"
    assert found.find(f"{NAMESPACE}VendorRef").get("name") == "Nordlys Print"


@pytest.mark.row("Q13")
def test_faults_come_as_xml_too(qbo):
    root = ET.fromstring(qbo.raw("GET", "bill/99999", headers={"accept": ""}).body)
    fault = root.find(f"{NAMESPACE}Fault")
    assert fault.get("type") == "ValidationFault"
    assert fault.find(f"{NAMESPACE}Error").get("code") == "610"


@pytest.mark.row("Q13")
def test_a_company_whose_subscription_ended_can_be_read_but_not_written(qbo):
    qbo.twin.switches.read_only = True
    assert qbo.code("Bill", qbo.bill()) == "6190"
    assert qbo.query("select * from Vendor")["maxResults"] == 2
    assert qbo.twin.books(qbo.realm)["Bill"] == []


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "bill"), ("DELETE", "bill/1"), ("POST", "nonsense"), ("GET", "bill")]
)
def test_unknown_verbs_and_paths_are_unsupported_operations(qbo, method, path):
    status, body = qbo.call(method, path, {})
    assert (status, body["Fault"]["Error"][0]["code"]) == (400, "500")


def test_a_body_has_to_do_what_the_operation_beside_it_says(qbo):
    assert qbo.code("Bill", qbo.bill(), operation="update") == "2020"
    bill = qbo.post("Bill", qbo.bill(), operation="create")
    changed = {"Id": bill["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "later"}
    assert qbo.code("Bill", changed, operation="create") == "500"
    assert qbo.post("Bill", changed, operation="update")["SyncToken"] == "1"
    assert qbo.code("Bill", changed, operation="merge") == "500"


def test_bytes_that_are_not_utf8_and_bodies_that_are_not_json_are_refused(qbo):
    assert qbo.code("Bill", b'{"DocNumber":"\xe9"}') == "500"
    assert qbo.code("Bill", b"{broken") == "2010"
    status, body = qbo.call("POST", "bill", b"<Bill/>", headers={"content-type": "application/xml"})
    assert (status, body["Fault"]["Error"][0]["code"]) == (400, "500")


def test_calls_are_counted_by_kind(qbo):
    qbo.twin.calls.clear()
    qbo.post("Bill", qbo.bill())
    qbo.get("Vendor", "50")
    qbo.query("select * from Vendor")
    qbo.batch({"Query": "select * from Term"}, {"Query": "select * from Class"})
    qbo.call("GET", "cdc", entities="Bill", changedSince="2026-11-01")
    qbo.refresh()
    assert dict(qbo.twin.calls) == {
        "requests": 5, "writes": 1, "reads": 1, "queries": 1, "batches": 1, "batch_items": 2, "cdc": 1, "tokens": 1,
    }  # fmt: skip


@pytest.mark.row("Q16")
def test_properties_added_later_can_appear_in_every_record(qbo):
    qbo.twin.switches.additive_share = 1.0
    assert all("AddedLaterByIntuit" in each for each in qbo.query("select * from Vendor")["Vendor"])
    assert "AddedLaterByIntuit" in qbo.get("Vendor", "50")
    qbo.twin.switches.additive_share = 0.0
    assert "AddedLaterByIntuit" not in qbo.get("Vendor", "50")


@pytest.mark.row("Q16")
def test_properties_added_later_can_appear_here_and_there_the_same_way_in_every_run(make_caller):
    def struck():
        company = make_caller()
        company.twin.switches.additive_share = 0.3
        return ["AddedLaterByIntuit" in company.get("Vendor", "50") for _ in range(200)]

    first = struck()
    assert first == struck()
    assert 30 < sum(first) < 90


def test_stamps_are_in_pacific_time_and_follow_summer_time(qbo):
    bill = qbo.post("Bill", qbo.bill())
    assert bill["MetaData"]["CreateTime"] == "2026-11-02T04:00:00-08:00"
    qbo.clock.set(datetime(2026, 10, 31, 12, 0, tzinfo=UTC))
    status, body = qbo.call("POST", "bill", qbo.bill())
    assert status == 200
    assert body["Bill"]["MetaData"]["CreateTime"] == "2026-10-31T05:00:00-07:00"
    assert body["time"] == "2026-10-31T05:00:00.000-07:00"


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-03-08T09:59:59+00:00", "2026-03-08T01:59:59-08:00"),
        ("2026-03-08T10:00:00+00:00", "2026-03-08T03:00:00-07:00"),
        ("2026-11-01T08:59:59+00:00", "2026-11-01T01:59:59-07:00"),
        ("2026-11-01T09:00:00+00:00", "2026-11-01T01:00:00-08:00"),
    ],
)
def test_the_clock_changes_on_the_second_sunday_of_march_and_the_first_of_november(instant, expected):
    assert stamp(datetime.fromisoformat(instant)) == expected


@pytest.mark.row("Q13")
def test_the_gateway_can_answer_in_xml_whatever_was_asked_for(qbo):
    qbo.twin.switches.gateway_xml = True
    qbo.access_token = "gone"
    answer = qbo.raw("GET", "preferences")
    assert (answer.status, answer.headers["Content-Type"]) == (401, "application/xml")
    fault = ET.fromstring(answer.body).find(f"{NAMESPACE}Fault")
    assert fault.get("type") == "AUTHENTICATION"
    assert fault.find(f"{NAMESPACE}Error").get("code") == "3200"
    assert "statusCode=401" in fault.findtext(f"{NAMESPACE}Error/{NAMESPACE}Message")


@pytest.mark.row("Q13")
def test_the_refusal_of_a_token_shows_only_its_beginning(qbo):
    qbo.access_token = "eyJsecretsecretsecret"
    detail = qbo.call("GET", "preferences")[1]["fault"]["error"][0]["detail"]
    assert detail == "Token expired: eyJsecre"


@pytest.mark.row("Q13")
@pytest.mark.parametrize("value", ["", "Basic abc", "Bearer "])
def test_a_call_without_bearer_token_is_refused(qbo, value):
    answer = qbo.raw("GET", "preferences", headers={"authorization": value})
    assert answer.status == 401


@pytest.mark.row("Q13")
def test_keys_of_the_other_environment_are_refused_with_3100(qbo):
    def status(host):
        headers = {"authorization": f"Bearer {qbo.access_token}", "accept": "application/json"}
        return qbo.twin.handle(Request("GET", host, f"/v3/company/{qbo.realm}/preferences", (), headers)).status

    assert status("sandbox-quickbooks.api.intuit.com") == 200
    assert status("quickbooks.api.intuit.com") == 403
    qbo.twin.switches.environment = "production"
    assert status("quickbooks.api.intuit.com") == 200
    assert status("127.0.0.1:8080") == 200
    qbo.twin.switches.wrong_environment = True
    code, body = qbo.call("GET", "preferences")
    assert (code, body["fault"]["error"][0]["code"]) == (403, "3100")


@pytest.mark.row("Q13")
@pytest.mark.parametrize(("state", "code"), [("wrong cluster", "130"), ("locked", "140"), ("maintenance", "150")])
def test_a_company_that_cannot_be_reached_refuses_reads_and_writes(qbo, state, code):
    qbo.twin.switches.company_state = state
    assert qbo.code("Bill", qbo.bill()) == code
    assert qbo.query_code("select * from Vendor") == code
    qbo.twin.switches.company_state = "open"
    assert qbo.post("Bill", qbo.bill())


@pytest.mark.row("Q13")
def test_a_read_only_company_takes_no_upload_and_no_deletion(qbo):
    bill = qbo.post("Bill", qbo.bill())
    qbo.twin.switches.read_only = True
    assert qbo.code("Bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="delete") == "6190"
    assert qbo.call("POST", "upload", b"")[1]["Fault"]["Error"][0]["code"] == "6190"


def test_bytes_that_are_not_utf8_are_refused_in_the_recorded_words(qbo):
    error = qbo.refused("Bill", b'{"DocNumber":"\xe9"}')
    assert (error["code"], error["Message"]) == ("500", "Unsupported Operation")
    assert "MalformedByteSequenceException" in error["Detail"]
    assert (
        qbo.call("POST", "query", b"select * from Bill where DocNumber = '\xe9'")[1]["Fault"]["Error"][0]["code"]
        == "500"
    )


def test_requests_may_be_compressed(qbo):
    body = gzip.compress(encode(qbo.bill(DocNumber="packed")))
    answer = qbo.raw("POST", "bill", body, headers={"content-encoding": "gzip"})
    assert (answer.status, decode(answer.body)["Bill"]["DocNumber"]) == (200, "packed")
    for broken, coding in ((b"no gzip", "gzip"), (body[:-10], "gzip"), (body, "br")):
        status, fault = qbo.call("POST", "bill", broken, headers={"content-encoding": coding})
        assert (status, fault["Fault"]["Error"][0]["code"]) == (400, "500")


def test_answers_can_be_compressed_for_who_accepts_that(qbo):
    accepts = {"accept-encoding": "gzip;q=1.0,deflate;q=0.6"}
    assert "Content-Encoding" not in qbo.raw("GET", "preferences", headers=accepts).headers
    qbo.twin.switches.gzip_answers = True
    answer = qbo.raw("GET", "preferences", headers=accepts)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Preferences" in decode(gzip.decompress(answer.body))
    for refused in ("identity", "gzip;q=0", ""):
        assert "Content-Encoding" not in qbo.raw("GET", "preferences", headers={"accept-encoding": refused}).headers


def test_json_can_be_what_a_silent_caller_gets(qbo):
    qbo.twin.switches.xml_by_default = False
    assert qbo.raw("GET", "preferences", headers={"accept": "*/*"}).body.startswith(b"{")
    assert qbo.raw("GET", "preferences", headers={"accept": "application/xml"}).body.startswith(b"<?xml")


def test_queries_and_changes_come_as_xml_with_their_counts_in_the_tag(qbo):
    rows = ET.fromstring(qbo.raw("GET", "query", headers={"accept": ""}, query="select * from Vendor").body)
    response = rows.find(f"{NAMESPACE}QueryResponse")
    assert (response.get("startPosition"), response.get("maxResults")) == ("1", "2")
    assert len(response.findall(f"{NAMESPACE}Vendor")) == 2
    empty = qbo.raw("GET", "query", headers={"accept": ""}, query="select * from Vendor where Id = '1'")
    assert b"<QueryResponse></QueryResponse>" in empty.body
    changes = qbo.raw("GET", "cdc", headers={"accept": ""}, entities="Vendor,Bill", changedSince="2026-11-01")
    assert len(ET.fromstring(changes.body).findall(f"{NAMESPACE}CDCResponse/{NAMESPACE}QueryResponse")) == 2


def test_references_keep_name_and_type_in_the_tag(qbo):
    bill = qbo.post("Bill", qbo.bill())
    link = [{"EntityRef": {"type": "Bill", "value": bill["Id"]}}]
    note = qbo.post("Attachable", {"Note": "x", "AttachableRef": link})
    text = qbo.raw("GET", f"attachable/{note['Id']}", headers={"accept": ""}).body.decode()
    assert f'<EntityRef type="Bill">{bill["Id"]}</EntityRef>' in text


def test_a_head_request_is_refused_without_a_body(qbo):
    answer = qbo.raw("HEAD", "preferences")
    assert (answer.status, answer.body) == (400, b"")


def test_low_minor_versions_are_served_as_the_oldest_and_counted(qbo):
    plain = qbo.raw("GET", "vendor/50").body
    for version in ("", "4", "75", "90", "next"):
        assert qbo.raw("GET", "vendor/50", minorversion=version).body == plain
    assert qbo.twin.calls["old_minor_version"] == 2


def test_a_body_beyond_all_measure_is_turned_away_at_the_edge(qbo, monkeypatch):
    monkeypatch.setattr("twins.quickbooks.api.MAX_BODY", 1000)
    answer = qbo.raw("POST", "bill", b"x" * 1001)
    assert (answer.status, answer.headers["Content-Type"]) == (413, "text/html")


@pytest.mark.parametrize(
    "path", ["Bill", "bill/1/pdf", "BILL", "batch", "query/1", "cdc/1", "download", "exchangerate/EUR"]
)
def test_paths_are_exact(qbo, path):
    status, body = qbo.call("GET", path)
    assert (status, body["Fault"]["Error"][0]["code"]) in {(400, "500"), (400, "2030")}


def test_the_rate_of_a_day_is_the_last_one_known_by_then(world):
    def rate(day, currency="EUR"):
        return world.call("GET", "exchangerate", sourcecurrencycode=currency, asofdate=day)

    assert str(rate("2026-10-14")[1]["ExchangeRate"]["Rate"]) == "1.0825"
    assert str(rate("2026-10-15")[1]["ExchangeRate"]["Rate"]) == "1.0911"
    assert rate("2026-10-15", "USD")[1]["ExchangeRate"]["Rate"] == 1
    assert rate("2026-10-15", "GBP")[1]["Fault"]["Error"][0]["code"] == "610"
    assert rate("2026-10-15", "")[1]["Fault"]["Error"][0]["code"] == "2020"
