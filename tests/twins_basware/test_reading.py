"""Reading accounting documents: filters, pages, redirects, files."""

import base64

import pytest

from twins.basware import Switches

WAITING = "ProcessingStatus=WaitingForTransfer"
TOKEN = "x-amz-meta-continuationtoken"


@pytest.mark.row("S4")
def test_nothing_waiting_is_404_without_a_body(tools):
    answer = tools.caller([]).get(f"/v1/accountingDocuments?{WAITING}")
    assert (answer.status, answer.body) == (404, b"")


def test_one_document_still_comes_wrapped_and_exact(caller, tools):
    found = tools.parsed(caller.get("/v1/accountingDocuments/inv2"))["accountingDocuments"]
    assert [item["invoiceId"] for item in found] == ["inv2"]
    assert str(found[0]["grossSum"]) == "1080.00"
    assert caller.get("/v1/accountingDocuments/nobody").status == 404


@pytest.mark.row("S5")
def test_pages_follow_each_other_by_a_token_in_the_header(tools):
    caller = tools.caller([tools.invoice(number) for number in range(7)])
    assert caller.read_all(f"{WAITING}&pageSize=3") == [["inv0", "inv1", "inv2"], ["inv3", "inv4", "inv5"], ["inv6"]]


@pytest.mark.row("S5")
def test_a_page_that_ends_exactly_at_the_last_document_has_no_token(caller):
    page = caller.get("/v1/accountingDocuments?pageSize=3")
    assert TOKEN not in page.headers


@pytest.mark.row("S5")
def test_acknowledging_between_pages_skips_nothing(tools):
    caller = tools.caller([tools.invoice(number) for number in range(6)])
    first = caller.get(f"/v1/accountingDocuments?{WAITING}&pageSize=2")
    for item in tools.parsed(first)["accountingDocuments"]:
        assert caller.acknowledge(item["invoiceId"]).status == 200
    second = caller.get(f"/v1/accountingDocuments?{WAITING}&pageSize=2", {TOKEN: first.headers[TOKEN]})
    assert [item["invoiceId"] for item in tools.parsed(second)["accountingDocuments"]] == ["inv2", "inv3"]


@pytest.mark.row("S5")
@pytest.mark.parametrize("query", [f"{WAITING}&pageSize=2", "pageSize=1", f"{WAITING}&pageSize=1&companyCode=US10"])
def test_a_token_is_good_for_its_own_query_only(caller, tools, query):
    token = caller.get(f"/v1/accountingDocuments?{WAITING}&pageSize=1").headers[TOKEN]
    refused = caller.get(f"/v1/accountingDocuments?{query}", {TOKEN: token})
    assert refused.status == 400
    assert tools.parsed(refused)["errors"][0]["code"] == "PARAMETER_VALIDATION_ERROR"


@pytest.mark.row("S5")
@pytest.mark.parametrize("token", ["x", "AAAAAAAAAAAAAAAAAAAA", "é"])
def test_an_invented_token_is_refused(caller, token):
    assert caller.get("/v1/accountingDocuments", {TOKEN: token}).status == 400


@pytest.mark.row("S5")
def test_a_token_grows_old_where_the_tenant_says_so(caller):
    caller.twin.switches.continuation_seconds = 60
    token = caller.get("/v1/accountingDocuments?pageSize=1").headers[TOKEN]
    caller.clock.advance(61)
    assert caller.get("/v1/accountingDocuments?pageSize=1", {TOKEN: token}).status == 400


def test_filters_by_company_mode_and_change(tools):
    caller = tools.caller(
        [
            tools.invoice(1),
            tools.invoice(2, companyCode="DE20"),
            tools.invoice(3, p2pProcessingMode="InvoiceEnrichment"),
            tools.invoice(4, processingStatus="TransferFailed"),
        ]
    )
    assert caller.read_all(f"{WAITING}&companyCode=DE20") == [["inv2"]]
    assert caller.read_all("p2pProcessingMode=InvoiceEnrichment") == [["inv3"]]
    assert caller.read_all(f"{WAITING}&lastUpdated=2026-11-10T08:01:00Z") == [["inv2"]]
    assert caller.read_all("") == [["inv1", "inv2", "inv4"]]
    caller.twin.switches.last_updated_inclusive = True
    assert caller.read_all(f"{WAITING}&lastUpdated=2026-11-10T08:01:00Z") == [["inv1", "inv2"]]


@pytest.mark.row("S28")
def test_query_names_have_no_case_and_unknown_ones_are_ignored(caller):
    assert caller.read_all("PROCESSINGSTATUS=WaitingForTransfer&PageSize=2&system=P2P") == [["inv1", "inv2"], ["inv3"]]
    assert caller.read_all("processingstatus=Transferred") == []


@pytest.mark.parametrize(
    "query",
    [
        "pageSize=0",
        "pageSize=101",
        "pageSize=many",
        "ProcessingStatus=Waiting",
        "lastUpdated=soon",
        "p2pProcessingMode=X",
    ],
)
def test_bad_parameters_are_refused_by_name(caller, tools, query):
    refused = caller.get(f"/v1/accountingDocuments?{query}")
    assert refused.status == 400
    body = tools.parsed(refused)
    assert body["requestId"] == refused.headers["x-amzn-RequestId"]
    assert body["errors"][0]["message"].startswith(query.partition("=")[0])


@pytest.mark.row("S7")
def test_a_page_of_long_documents_holds_fewer_than_asked_for(tools):
    rows = [{"externalCode": f"r{index}", "rowIndex": index} for index in range(200)]
    caller = tools.caller([tools.invoice(number, codingRows=rows) for number in range(5)])
    caller.twin.switches.redirect = "never"
    caller.twin.switches.page_bytes = 20_000
    pages = caller.read_all("pageSize=100")
    assert [name for page in pages for name in page] == [f"inv{number}" for number in range(5)]
    assert [len(page) for page in pages] == [2, 2, 1]
    caller.twin.switches.page_bytes = 10
    assert [len(page) for page in caller.read_all("")] == [1] * 5


def test_lists_may_come_bare(caller, tools):
    caller.twin.switches.bare_lists = True
    assert [item["invoiceId"] for item in tools.parsed(caller.get("/v1/accountingDocuments"))] == [
        "inv1",
        "inv2",
        "inv3",
    ]


@pytest.mark.row("S6")
def test_a_large_page_is_fetched_elsewhere_without_signing_in(tools):
    rows = [{"externalCode": f"r{index}", "rowIndex": index, "text1": "x" * 200} for index in range(400)]
    caller = tools.caller([tools.invoice(1, codingRows=rows), tools.invoice(2)])
    sent_away = caller.get("/v1/accountingDocuments?pageSize=1")
    assert (sent_away.status, sent_away.body) == (302, b"")
    assert TOKEN not in sent_away.headers
    address = sent_away.headers["Location"]
    assert address.startswith("https://downloads.basware.test/")
    refused = caller.get(address)
    assert (refused.status, b"Authorization" in refused.body) == (400, True)
    page = caller.get(address, anonymous=True)
    assert tools.parsed(page)["accountingDocuments"][0]["invoiceId"] == "inv1"
    following = caller.get("/v1/accountingDocuments?pageSize=1", {TOKEN: page.headers[TOKEN]})
    assert following.status == 200


@pytest.mark.row("S5", "S6")
@pytest.mark.parametrize(("where", "first", "second"), [("redirect", True, False), ("both", True, True)])
def test_the_token_may_stand_on_either_hop(caller, where, first, second):
    caller.twin.switches.redirect = "always"
    caller.twin.switches.continuation_on = where
    sent_away = caller.get("/v1/accountingDocuments?pageSize=1")
    page = caller.get(sent_away.headers["Location"], anonymous=True)
    assert (TOKEN in sent_away.headers, TOKEN in page.headers) == (first, second)


@pytest.mark.row("S6", "S26")
def test_a_download_address_belongs_to_its_host_and_lasts_fifteen_minutes(caller):
    caller.twin.switches.redirect = "always"
    address = caller.get("/v1/accountingDocuments/inv1").headers["Location"]
    assert caller.get(address.replace("downloads.", ""), anonymous=True).status == 403
    assert caller.get(address[:-1] + "z", anonymous=True).status == 403
    caller.clock.advance(899)
    assert caller.get(address, anonymous=True).status == 200
    caller.clock.advance(1)
    assert caller.get(address, anonymous=True).status == 403


@pytest.mark.row("S6")
def test_on_one_machine_downloads_use_its_other_name(caller):
    caller.twin.switches.redirect = "always"
    caller.host = "127.0.0.1:8080"
    assert (
        caller.get("/v1/accountingDocuments/inv1")
        .headers["Location"]
        .startswith("https://localhost:8080/".replace("https", "http"))
    )
    caller.host = "localhost:8080"
    assert caller.get("/v1/accountingDocuments/inv1").headers["Location"].startswith("http://127.0.0.1:8080/")


@pytest.mark.row("S6")
def test_redirects_can_be_off(tools):
    rows = [{"externalCode": f"r{index}", "rowIndex": index, "text1": "x" * 200} for index in range(400)]
    caller = tools.caller([tools.invoice(1, codingRows=rows)])
    caller.twin.switches.redirect = "never"
    assert caller.get("/v1/accountingDocuments").status == 200


@pytest.fixture
def with_file(tools):
    file = {
        "filename": "Łódź 7.pdf",
        "content_base64": base64.b64encode(b"%PDF-1.4").decode(),
        "content_type": "application/pdf",
    }
    return tools.caller([tools.invoice(1), tools.invoice(2)], attachments={"inv1": {"att1": file}})


@pytest.mark.row("S26", "S6")
def test_a_file_is_listed_and_fetched_through_a_redirect(with_file, tools):
    listed = tools.parsed(with_file.get("/v1/accountingDocuments/inv1"))["accountingDocuments"][0]["attachments"]
    assert [(item["externalCode"], item["filename"]) for item in listed] == [("att1", "Łódź 7.pdf")]
    sent_away = with_file.get("/v1/accountingDocuments/inv1/attachments/att1")
    assert sent_away.status == 302
    file = with_file.get(sent_away.headers["Location"], anonymous=True)
    assert (file.status, file.body, file.headers["Content-Type"]) == (200, b"%PDF-1.4", "application/pdf")
    assert all(value.isascii() for value in file.headers.values())


def test_an_unknown_file_is_404(with_file):
    assert with_file.get("/v1/accountingDocuments/inv1/attachments/none").status == 404
    assert with_file.get("/v1/accountingDocuments/inv2/attachments/att1").status == 404


@pytest.mark.row("S26")
def test_files_may_appear_only_after_the_transfer(with_file, tools):
    with_file.twin.switches.attachments = "after transfer"
    assert "attachments" not in tools.parsed(with_file.get("/v1/accountingDocuments/inv1"))["accountingDocuments"][0]
    assert with_file.get("/v1/accountingDocuments/inv1/attachments/att1").status == 404
    assert with_file.answer("inv1").status == 200
    assert with_file.get("/v1/accountingDocuments/inv1/attachments/att1").status == 302


@pytest.mark.row("S33")
def test_later_releases_add_fields_and_enum_values(with_file, tools):
    with_file.twin.switches.extra_fields = True
    with_file.twin.switches.unknown_enum_values = True
    found = tools.parsed(with_file.get("/v1/accountingDocuments/inv1"))["accountingDocuments"][0]
    assert "baswareMinorRelease" in found
    assert "baswareMinorRelease" in found["codingRows"][0]
    assert found["removalReason"] == "ValueOfALaterRelease"
    assert found["attachments"][0]["category"] == "ValueOfALaterRelease"
    assert "removalReason" not in with_file.twin.document("inv1")


def test_a_damaged_document_breaks_its_page_until_it_is_restored(caller, tools):
    caller.twin.act("corrupt", invoice_id="inv2", text='{"invoiceId": "inv2", "grossSum": 1,')
    page = caller.get("/v1/accountingDocuments")
    with pytest.raises(ValueError, match="JSON"):
        tools.parsed(page)
    caller.twin.act("corrupt", invoice_id="inv2", text="")
    assert caller.read_all("") == [["inv1", "inv3", "inv2"]]


def test_the_status_search_finds_by_company_number_and_date(caller, tools):
    query = "companyCode=US10&invoiceNumber=NW-2&invoiceDate=2026-11-02"
    found = tools.parsed(caller.get(f"/v1/accountingDocuments/status?{query}"))
    assert [(item["invoiceId"], item["status"]) for item in found] == [("inv2", "InApprovalProcess")]
    caller.answer("inv2")
    assert tools.parsed(caller.get(f"/v1/accountingDocuments/status?{query}"))[0]["status"] == "ReadyForPayment"
    assert caller.get("/v1/accountingDocuments/status?companyCode=US10").status == 400
    caller.twin.switches.status_lookup = False
    assert caller.get(f"/v1/accountingDocuments/status?{query}").status == 404


def test_companies_are_listed_with_their_codes(caller, tools):
    found = tools.parsed(caller.get("/v1/companies"))["companies"]
    assert [(item["companyCode"], item["name"], item["active"]) for item in found] == [("US10", "Demo Holdings", True)]
    assert caller.get("/v1/companies?lastUpdated=2030-01-01").status == 404


def test_unknown_addresses_and_methods(caller):
    assert caller.get("/v1/nothing").status == 404
    assert caller.get("/").status == 404
    assert caller.post("/v1/accountingDocuments").status == 405
    assert caller.send("PUT", "/v1/accountingDocuments/inv1").status == 405
    assert caller.post("/v1/tokens/extra").status == 404


def test_ids_with_reserved_characters_travel_percent_encoded(tools):
    caller = tools.caller([tools.invoice(1, invoiceId="a/b c%")])
    assert caller.get("/v1/accountingDocuments/a%2Fb%20c%25").status == 200
    assert caller.acknowledge("a%2Fb%20c%25").status == 200


@pytest.mark.row("S6")
def test_every_read_of_documents_is_redirected_by_default(tools):
    caller = tools.caller([tools.invoice(1)])
    caller.twin.switches.redirect = Switches().redirect
    for path in ("/v1/accountingDocuments", "/v1/accountingDocuments/inv1"):
        sent_away = caller.get(path)
        assert (sent_away.status, sent_away.body) == (302, b"")
        address = sent_away.headers["Location"]
        assert caller.get(address).status == 400
        page = caller.get(address, anonymous=True)
        assert tools.parsed(page)["accountingDocuments"][0]["invoiceId"] == "inv1"
    assert (
        caller.get("/v1/accountingDocuments/status?companyCode=x&invoiceNumber=x&invoiceDate=2026-11-02").status == 404
    )


@pytest.mark.row("S34")
def test_every_address_given_out_is_secured_except_on_the_machine_itself(caller, tools):
    """The certificate is no part of a twin: it names hosts only, whoever secures these and however often that changes."""
    caller.twin.switches.redirect = "always"
    for host, scheme in (("test-api.basware.com", "https"), ("127.0.0.1:8080", "http")):
        caller.host = host
        assert caller.get("/v1/accountingDocuments").headers["Location"].startswith(f"{scheme}://")
        discovered = tools.parsed(
            caller.send("GET", f"{scheme}://{host}/.well-known/openid-configuration", anonymous=True)
        )
        assert discovered["jwks_uri"] == f"{scheme}://{host}/.well-known/jwks.json"


def test_what_was_read_last_is_not_read_again_from_its_own_time_stamp(caller, tools):
    caller.clock.advance(0.0006)
    caller.acknowledge("inv1")
    shown = caller.twin.document("inv1")["lastUpdated"]
    assert caller.read_all(f"ProcessingStatus=TransferInProgress&lastUpdated={shown}") == []


@pytest.mark.row("S26")
def test_files_are_offered_from_the_release_for_transfer_on(with_file):
    with_file.twin.act("move", invoice_id="inv1", status="Prebooked")
    assert with_file.get("/v1/accountingDocuments/inv1/attachments/att1").status == 404
    with_file.twin.act("release", invoice_id="inv1")
    assert with_file.get("/v1/accountingDocuments/inv1/attachments/att1").status == 302


@pytest.mark.row("S26")
def test_files_may_be_switched_off(with_file, tools):
    with_file.twin.switches.attachments = "off"
    with_file.answer("inv1")
    assert "attachments" not in tools.parsed(with_file.get("/v1/accountingDocuments/inv1"))["accountingDocuments"][0]
    assert with_file.get("/v1/accountingDocuments/inv1/attachments/att1").status == 404


@pytest.mark.row("S26")
def test_a_file_may_come_late(with_file, tools):
    with_file.clock.advance(60)
    late = {
        "filename": "mail.eml",
        "content_base64": "eA==",
        "content_type": "message/rfc822",
        "category": "EXPORTEDEMAIL",
    }
    with_file.twin.act("attach", invoice_id="inv1", files={"att2": late})
    [found] = tools.parsed(with_file.get("/v1/accountingDocuments/inv1"))["accountingDocuments"]
    assert [(item["externalCode"], item["category"]) for item in found["attachments"]] == [
        ("att1", "ATTACHMENT"),
        ("att2", "EXPORTEDEMAIL"),
    ]
    assert found["lastUpdated"] == found["attachments"][1]["creationTime"] == "2026-11-20T12:01:00.000Z"


@pytest.mark.row("S33")
def test_later_releases_may_show_on_some_readings_only(with_file):
    with_file.twin.switches.extra_fields = True
    with_file.twin.switches.drift_share = 0.5
    seen = [b"baswareMinorRelease" in with_file.get("/v1/accountingDocuments/inv1").body for _ in range(40)]
    assert 5 < sum(seen) < 35


@pytest.mark.row("S33")
def test_null_fields_may_be_left_out(tools):
    caller = tools.caller([tools.invoice(1, description=None, codingRows=[{"externalCode": "r", "taxCode": None}])])
    assert caller.get("/v1/accountingDocuments/inv1").body.count(b":null") == 2
    caller.twin.switches.null_fields = "omit"
    answer = caller.get("/v1/accountingDocuments/inv1")
    assert b"null" not in answer.body
    assert tools.parsed(answer)["accountingDocuments"][0]["codingRows"] == [{"externalCode": "r"}]


@pytest.mark.row("S33")
def test_a_status_of_an_earlier_release_may_be_seen_but_not_asked_for(caller, tools):
    caller.twin.act("move", invoice_id="inv1", status="ReturnInProgress")
    found = tools.parsed(caller.get("/v1/accountingDocuments"))["accountingDocuments"]
    assert {item["processingStatus"] for item in found} == {"WaitingForTransfer", "ReturnInProgress"}
    assert caller.get("/v1/accountingDocuments?ProcessingStatus=ReturnInProgress").status == 400
    with pytest.raises(ValueError, match="Vanished"):
        caller.twin.act("move", invoice_id="inv1", status="Vanished")


def test_the_status_search_narrows_by_sum_and_number_of_records(tools):
    same = {"invoiceNumber": "NW-1", "invoiceDate": "2026-11-02T00:00:00"}
    documents = [tools.invoice(1, **same), tools.invoice(2, **same, grossSum=7), tools.invoice(3, **same)]
    caller = tools.caller(documents)
    query = "/v1/accountingDocuments/status?companyCode=US10&invoiceNumber=NW-1&invoiceDate=2026-11-02"

    def found(more):
        return [item["invoiceId"] for item in tools.parsed(caller.get(f"{query}{more}"))]

    assert found("") == ["inv1", "inv2", "inv3"]
    assert found("&grossSum=1080") == ["inv1", "inv3"]
    assert found("&pageSize=2") == ["inv1", "inv2"]
    assert caller.get(f"{query}&grossSum=1").status == 404
    for wrong in ("&grossSum=much", "&pageSize=501", "&pageSize=0"):
        assert caller.get(f"{query}{wrong}").status == 400


@pytest.mark.parametrize(
    ("status", "coarse"),
    [
        ("WaitingForPrebook", "InApprovalProcess"),
        ("TransferFailed", "InApprovalProcess"),
        ("Transferred", "ReadyForPayment"),
        ("Paid", "Paid"),
        ("Removed", "Rejected"),
        ("Returned", "Rejected"),
    ],
)
def test_the_status_search_knows_four_answers(caller, tools, status, coarse):
    caller.twin.act("move", invoice_id="inv1", status=status)
    query = "companyCode=US10&invoiceNumber=NW-1&invoiceDate=2026-11-02"
    [found] = tools.parsed(caller.get(f"/v1/accountingDocuments/status?{query}"))
    assert (found["status"], found["processingStatus"]) == (coarse, status)
    assert "disputeInfo" not in found


def test_a_dispute_shows_on_the_document_and_in_the_status_search(caller, tools):
    caller.twin.act("dispute", invoice_id="inv1", reason="DamagedGoods")
    query = "companyCode=US10&invoiceNumber=NW-1&invoiceDate=2026-11-02"
    [found] = tools.parsed(caller.get(f"/v1/accountingDocuments/status?{query}"))
    dispute = {"isDisputed": True, "disputeReason": "DamagedGoods", "disputeDate": "2026-11-20T12:00:00.000Z"}
    assert found["disputeInfo"] == dispute == caller.twin.document("inv1")["disputeInfo"]
    caller.twin.act("dispute", invoice_id="inv1", disputed=False)
    assert caller.twin.document("inv1")["disputeInfo"] == {"isDisputed": False}


@pytest.mark.row("S16")
def test_documents_are_deleted_one_by_one_or_by_date(tools):
    documents = [tools.invoice(number) for number in (1, 2, 3)]
    caller = tools.caller(documents, scopes=["accountingDocuments.read", "accountingDocuments.delete"])
    assert caller.send("DELETE", "/v1/accountingDocuments", {"externalCode": "inv2"}).status == 200
    assert caller.read_all("") == [["inv1", "inv3"]]
    caller.twin.switches.delete_seconds = 30
    started = caller.send("DELETE", "/v1/accountingDocuments", {"lastUpdated": "2026-11-10T08:02:00Z"})
    assert started.status == 202
    assert tools.parsed(started)["statusApiLink"].startswith("https://basware.test/v1/taskStatus/")
    assert caller.read_all("") == [["inv1", "inv3"]]
    caller.clock.advance(30)
    assert caller.read_all("") == [["inv1"]]
    assert caller.send("DELETE", "/v1/accountingDocuments", {}).status == 400
    assert caller.twin.check() == []


def test_transfer_recovery_minds_no_deleted_document(tools):
    caller = tools.caller([tools.invoice(1)], scopes=["accountingDocuments.write", "accountingDocuments.delete"])
    caller.acknowledge("inv1")
    caller.send("DELETE", "/v1/accountingDocuments", {"externalCode": "inv1"})
    caller.clock.advance(2 * 86_400)
    assert caller.twin.documents() == []


@pytest.mark.row("S28")
def test_parameters_may_be_taken_strictly(caller):
    caller.twin.switches.strict_parameters = True
    assert caller.get("/v1/accountingDocuments?ProcessingStatus=WaitingForTransfer").status == 200
    assert caller.get("/v1/accountingDocuments?processingStatus=WaitingForTransfer").status == 400
    assert caller.get("/v1/accountingDocuments?system=P2P").status == 400
