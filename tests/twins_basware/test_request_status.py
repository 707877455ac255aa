"""requestStatus: what the interface tells about requests, to whom asks by id and to whom lists them."""

import pytest

TOKEN = "x-amz-meta-continuationtoken"


@pytest.fixture
def three(importer, tools):
    """Request ids of accounts that went well, went wrong, and are under way."""
    good = importer.put("accounts", tools.account(1), tools.account(2))
    bad = importer.put("accounts", tools.account(1), tools.account(3, companies=[]))
    importer.clock.advance(2)
    importer.get("/v1/accounts")
    importer.twin.switches.processing_seconds = 60
    pending = importer.put("accounts", tools.account(4))
    return {"good": good, "bad": bad, "pending": pending}


def listed(importer, query=""):
    """Request ids of a list, none for 404."""
    if importer.get(f"/v1/requestStatus{query}").status == 404:
        return []
    return [each["requestId"] for each in importer.found(f"requestStatus{query}")["requestStatus"]]


@pytest.mark.row("S12")
def test_a_request_tells_everything_about_its_records(importer, three):
    assert importer.status(three["bad"]) == {
        "requestId": three["bad"],
        "entityType": "Account",
        "entityVersion": "AccountV1",
        "requestStatus": "Error",
        "operationType": "POST",
        "lastUpdated": "2026-11-20T12:00:00.000Z",
        "systems": [
            {
                "system": "P2P",
                "module": "IA",
                "systemStatus": "Error",
                "lastUpdated": "2026-11-20T12:00:00.000Z",
                "items": [
                    {"externalCode": "A-1", "status": "NotProcessed", "errors": []},
                    {
                        "externalCode": "A-3",
                        "status": "Error",
                        "errors": [
                            {
                                "type": "Error",
                                "message": "Record skipped: it names no company",
                                "category": "DataValidation",
                            }
                        ],
                    },
                ],
            }
        ],
    }


def test_without_a_narrower_search_only_errors_are_listed(importer, three):
    assert listed(importer) == [three["bad"]]
    assert listed(importer, "?lastUpdated=2020-01-01") == [three["bad"]]
    assert listed(importer, "?status=Success") == [three["good"]]
    assert listed(importer, "?status=InProgress") == [three["pending"]]
    everything = [three["good"], three["bad"], three["pending"]]
    assert sorted(listed(importer, "?entityType=Account")) == sorted(everything)
    assert sorted(listed(importer, "?system=P2P")) == sorted(everything)
    assert listed(importer, "?entityType=Vendor") == listed(importer, "?system=network") == []
    assert importer.get(f"/v1/requestStatus/{three['good']}?system=network").status == 404


@pytest.mark.parametrize(
    "query", ["?status=Done", "?entityType=Bill", "?pageSize=501", "?lastUpdated=x", "?ignoreSuccessfullItems=maybe"]
)
def test_values_nobody_knows_are_refused(importer, three, query):
    assert importer.get(f"/v1/requestStatus{query}").status == 400


def test_each_read_has_its_own_spelling_of_the_word_successful(importer, three):
    def items(path):
        [request] = importer.found(path)["requestStatus"]
        return [item["externalCode"] for item in request["systems"][0]["items"]]

    one, every = f"requestStatus/{three['bad']}", "requestStatus?status=Error"
    assert items(f"{one}?ignoreSuccessfulItems=true") == ["A-3"]
    assert items(f"{one}?ignoreSuccessfullItems=true") == ["A-1", "A-3"]
    assert items(f"{every}&ignoreSuccessfullItems=true") == ["A-3"]
    assert items(f"{every}&ignoreSuccessfulItems=true") == ["A-1", "A-3"]


@pytest.mark.row("S5")
def test_requests_come_in_pages(importer, tools):
    ids = [importer.put("accounts", tools.account(number)) for number in range(5)]
    found, headers = [], {}
    while True:
        page = importer.get("/v1/requestStatus?entityType=Account&pageSize=2", headers)
        found.append([each["requestId"] for each in tools.parsed(page)["requestStatus"]])
        if TOKEN not in page.headers:
            break
        headers = {TOKEN: page.headers[TOKEN]}
    assert found == [ids[:2], ids[2:4], ids[4:]]
    assert importer.get("/v1/requestStatus?entityType=Account&pageSize=3", headers).status == 400


def test_only_requests_that_changed_after_an_instant(importer, three):
    later = importer.status(three["pending"])["lastUpdated"]
    assert listed(importer, f"?entityType=Account&lastUpdated={later}") == []
    importer.clock.advance(60)
    assert listed(importer, f"?entityType=Account&lastUpdated={later}") == [three["pending"]]


def test_a_new_request_may_be_unknown_for_a_while(importer, tools):
    importer.twin.switches.request_status_delay_seconds = 20
    request_id = importer.put("accounts", tools.account(1, companies=[]))
    importer.clock.advance(19)
    assert importer.get(f"/v1/requestStatus/{request_id}").status == 404
    assert importer.get("/v1/errorFeedbacks").status == 404
    assert listed(importer) == []
    assert importer.post("/v1/requestStatus/acknowledge", {"requestIds": [request_id]}).status == 404
    importer.clock.advance(1)
    assert importer.status(request_id)["lastUpdated"] == "2026-11-20T12:00:20.000Z"
    assert listed(importer) == [request_id]
    assert importer.get("/v1/errorFeedbacks").status == 200


class TestAcknowledging:
    @pytest.mark.row("S17")
    def test_an_acknowledged_request_leaves_the_list_of_errors(self, importer, three):
        both = {"requestIds": [three["bad"], three["good"]]}
        answer = importer.post("/v1/requestStatus/acknowledge", both)
        assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/plain")
        assert listed(importer) == []
        assert listed(importer, "?status=AcknowledgedError") == [three["bad"]]
        assert importer.status(three["good"])["requestStatus"] == "AcknowledgedSuccess"
        assert importer.status(three["bad"])["systems"][0]["systemStatus"] == "AcknowledgedError"

    @pytest.mark.row("S17")
    def test_it_can_be_acknowledged_once(self, importer, three, tools):
        assert importer.post("/v1/requestStatus/acknowledge", {"requestIds": [three["bad"]]}).status == 200
        again = importer.post("/v1/requestStatus/acknowledge", {"requestIds": [three["good"], three["bad"]]})
        assert again.status == 405
        assert tools.parsed(again)["errors"][0]["code"] == "METHOD_NOT_ALLOWED"
        assert importer.status(three["good"])["requestStatus"] == "Success"

    def test_what_is_under_way_or_unknown_cannot_be_acknowledged(self, importer, three):
        assert importer.post("/v1/requestStatus/acknowledge", {"requestIds": [three["pending"]]}).status == 405
        assert importer.post("/v1/requestStatus/acknowledge", {"requestIds": ["nobody"]}).status == 404
        for wrong in ({}, {"requestIds": None}, {"requestIds": []}, {"requestIds": [1]}, {"ids": ["x"]}, ["x"]):
            assert importer.post("/v1/requestStatus/acknowledge", wrong).status == 400


def test_responses_about_invoices_have_a_status_too(tools):
    caller = tools.caller([tools.invoice(1)])
    caller.twin.switches.processing_seconds = 5
    request_id = caller.answer("inv1").headers["x-amzn-RequestId"]
    [shown] = tools.parsed(caller.get(f"/v1/requestStatus/{request_id}"))["requestStatus"]
    assert shown["systems"][0]["items"] == [
        {"externalCode": "r1", "parentExternalCode": "inv1", "status": "InProgress", "errors": []}
    ]
    caller.clock.advance(5)
    [shown] = tools.parsed(caller.get("/v1/requestStatus?entityType=TransferResponse"))["requestStatus"]
    assert shown["requestStatus"] == "Success"
