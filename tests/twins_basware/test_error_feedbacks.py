"""errorFeedbacks: the older way to learn of the same errors."""

import json

import pytest

TOKEN = "x-amz-meta-continuationtoken"


@pytest.fixture
def refused(importer, tools):
    """Request ids of two accounts and, ten seconds later, a vendor that P2P refused."""
    accounts = importer.put("accounts", tools.account(1, companies=[]), tools.account(2, companies=[]))
    importer.clock.advance(10)
    vendors = importer.put("vendors", tools.vendor(1, companies=[{"companyCode": "XX"}]), tools.vendor(2))
    return {"accounts": accounts, "vendors": vendors}


def codes(importer, path="errorFeedbacks"):
    """External codes of the errors found, none for 404."""
    if importer.get(f"/v1/{path}").status == 404:
        return []
    return [each["externalCode"] for each in importer.found(path)["errorList"]]


@pytest.mark.row("S12")
def test_an_error_carries_the_record_as_a_text(importer, refused, tools):
    [error] = importer.found("errorFeedbacks?entityType=Vendor")["errorList"]
    assert json.loads(error.pop("errorEntity")) == tools.vendor(1, companies=[{"companyCode": "XX"}])
    assert len(error.pop("id")) == 36
    assert error == {
        "requestId": refused["vendors"],
        "externalCode": "E-1",
        "entityType": "Vendor",
        "errorStamp": "2026-11-20T12:00:10.000Z",
        "errors": ["Record skipped: company code XX was not found"],
        "targetSystem": "P2P",
    }


def test_errors_are_searched_by_system_type_and_time(importer, refused):
    assert codes(importer) == ["A-1", "A-2", "E-1"]
    assert codes(importer, "errorFeedbacks?targetSystem=P2P&entityType=Account") == ["A-1", "A-2"]
    assert codes(importer, "errorFeedbacks?targetSystem=Vendor%20Manager") == []
    assert codes(importer, "errorFeedbacks?lastUpdated=2026-11-20T12:00:00Z") == ["E-1"]
    assert codes(importer, f"errorFeedbacks/{refused['accounts']}") == ["A-1", "A-2"]
    assert codes(importer, f"errorFeedbacks/{refused['accounts']}?pageSize=1") == ["A-1"]
    assert codes(importer, "errorFeedbacks/Account/A-2") == ["A-2"]
    assert codes(importer, "errorFeedbacks/Vendor/E-2") == codes(importer, "errorFeedbacks/nobody") == []


@pytest.mark.parametrize("path", ["?entityType=Bill", "?pageSize=0", "/Bill/1", "/x?pageSize=501", "?lastUpdated=x"])
def test_values_nobody_knows_are_refused(importer, path):
    assert importer.get(f"/v1/errorFeedbacks{path}").status == 400


@pytest.mark.row("S5")
def test_errors_come_in_pages(importer, refused, tools):
    first = importer.get("/v1/errorFeedbacks?pageSize=2")
    assert [each["externalCode"] for each in tools.parsed(first)["errorList"]] == ["A-1", "A-2"]
    second = importer.get("/v1/errorFeedbacks?pageSize=2", {TOKEN: first.headers[TOKEN]})
    assert [each["externalCode"] for each in tools.parsed(second)["errorList"]] == ["E-1"]
    assert TOKEN not in second.headers


def test_both_ways_tell_the_same_errors(importer, refused):
    for request_id in refused.values():
        told = [
            message
            for each in importer.found(f"errorFeedbacks/{request_id}")["errorList"]
            for message in each["errors"]
        ]
        assert told == importer.complaints(request_id)


@pytest.mark.row("S16")
def test_errors_are_deleted_by_record_or_by_time_and_type(importer, refused):
    assert importer.delete("errorFeedbacks?entityType=Vendor", externalCode="A-1").status == 400
    assert importer.delete("errorFeedbacks", externalCode="A-1").status == 200
    assert codes(importer) == ["A-2", "E-1"]
    assert importer.delete("errorFeedbacks?entityType=Account", lastUpdated="0001-01-01").status == 202
    importer.clock.advance(5)
    assert codes(importer) == ["E-1"]
    assert importer.delete("errorFeedbacks?entityType=Bill", lastUpdated="0001-01-01").status == 400


def test_what_people_would_call_a_warning_is_no_error(importer, tools):
    importer.twin.act("refuse_imports", message="cut", outcome="Warning")
    importer.put("accounts", tools.account(1))
    assert codes(importer) == []
