"""Deleting from the API layer: one record at once, many in their own time. P2P keeps what it has."""

import pytest


@pytest.mark.row("S16")
def test_one_record_is_deleted_at_once_and_p2p_keeps_it(importer, tools):
    importer.put("accounts", tools.account(1), tools.account(2))
    answer = importer.delete("accounts", externalCode="A-1")
    assert answer.status == 200
    assert tools.parsed(answer) == {"statusApiLink": None, "taskName": "Delete accounts", "taskStatus": "Completed"}
    assert [each["externalCode"] for each in importer.found("accounts")["accounts"]] == ["A-2"]
    assert {row["accountCode"] for row in importer.in_p2p("accounts")} == {"1", "2"}


@pytest.mark.row("S16")
def test_many_records_are_deleted_later_and_a_link_tells_when(importer, tools):
    importer.put("accounts", tools.account(1))
    importer.clock.advance(60)
    importer.put("accounts", tools.account(2), tools.account(3))
    answer = importer.delete("accounts", lastUpdated="2026-11-20T12:00:00Z")
    started = tools.parsed(answer)
    assert (answer.status, started["taskName"], started["taskStatus"]) == (202, "Delete accounts", "InProgress")
    assert started["statusApiLink"].startswith("https://basware.test/v1/taskStatus/")
    assert len(importer.found("accounts")["accounts"]) == 3
    assert tools.parsed(importer.get(started["statusApiLink"])) == {
        "taskName": "Delete accounts",
        "taskStatus": "InProgress",
    }
    importer.put("accounts", tools.account(4))
    importer.clock.advance(5)
    assert tools.parsed(importer.get(started["statusApiLink"])) == {
        "taskName": "Delete accounts",
        "taskStatus": "Completed",
        "recordCount": 3,
    }
    assert [each["externalCode"] for each in importer.found("accounts")["accounts"]] == ["A-1"]


@pytest.mark.row("S16")
def test_the_year_one_stands_for_everything(importer, tools):
    importer.put("lists/ACC_LIST_1", {"externalCode": "x"})
    importer.put("lists/ACC_LIST_2", {"externalCode": "x"})
    assert importer.delete("lists/ACC_LIST_1", lastUpdated="0001-01-01").status == 202
    importer.clock.advance(5)
    assert importer.get("/v1/lists/ACC_LIST_1").status == 404
    assert importer.get("/v1/lists/ACC_LIST_2").status == 200


def test_a_second_deletion_must_wait_for_the_first(importer, tools):
    importer.put("accounts", tools.account(1))
    importer.put("vendors", tools.vendor(1))
    assert importer.delete("accounts", lastUpdated="0001-01-01").status == 202
    assert importer.delete("accounts", externalCode="A-1").status == 400
    assert importer.delete("vendors", externalCode="E-1").status == 200
    importer.clock.advance(5)
    assert importer.delete("accounts", lastUpdated="0001-01-01").status == 202


def test_the_code_counts_when_both_are_given_and_one_is_needed(importer, tools):
    importer.put("accounts", tools.account(1), tools.account(2))
    assert importer.delete("accounts", externalCode="A-1", lastUpdated="0001-01-01").status == 200
    assert len(importer.found("accounts")["accounts"]) == 1
    for wrong in ({}, {"externalCode": None}, {"code": "A-2"}, {"lastUpdated": "then"}, {"externalCode": "x" * 37}):
        answer = importer.delete("accounts", **wrong)
        assert (answer.status, tools.parsed(answer)["errors"][0]["code"]) == (400, "SCHEMA_VALIDATION_ERROR")
    assert importer.send("DELETE", "/v1/accounts", b"").status == 415


def test_what_is_not_there_cannot_be_deleted(importer, tools):
    answer = importer.delete("accounts", externalCode="A-1")
    [error] = tools.parsed(answer)["errors"]
    assert (answer.status, error["code"], error["externalCode"]) == (400, "ENTITY_NOT_FOUND", "A-1")
    assert importer.get("/v1/taskStatus/nothing").status == 404


def test_a_deleted_record_is_imported_again_when_it_is_posted_again(importer, tools):
    importer.put("accounts", tools.account(1))
    importer.clock.advance(5)
    importer.delete("accounts", externalCode="A-1")
    assert importer.outcomes(importer.put("accounts", tools.account(1))) == {"A-1": "Success"}
