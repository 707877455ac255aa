"""How much of Basware's files the twin offers, and how generated requests come to mean something to it."""

from typing import Any

import pytest

from contract.coverage import LEFT_OUT, coverage
from contract.fuzzing import Fuzzing, offered
from contract.specification import Operation, basware
from contract.tally import Tally
from contract.tenant import furnished
from contract.violations import Rule
from twins.http import Response

pytestmark = pytest.mark.usefixtures("vendors_files")


def operation(name: str) -> Operation:
    return next(one for one in basware().operations if one.name == name)


def test_the_twin_offers_every_operation_but_those_that_are_left_out_for_a_reason() -> None:
    found = coverage(basware())
    assert [one.name for one in found.owed] == []
    assert found.undescribed == []
    assert found.obsolete == []
    left_out = [one for some in found.left_out.values() for one in some]
    assert len(found.offered) + len(left_out) == len(basware().operations)
    assert set(found.left_out) == set(LEFT_OUT)


def test_every_scene_starts_from_the_same_tenant() -> None:
    first, second = furnished(), furnished()
    first.send("POST", "/v1/accountingDocuments/doc-WaitingForTransfer/acknowledge")
    assert first.twin.document("doc-WaitingForTransfer")["processingStatus"] == "TransferInProgress"
    assert second.twin.document("doc-WaitingForTransfer")["processingStatus"] == "WaitingForTransfer"
    assert first.learnt == second.learnt


def test_what_is_known_of_the_tenant_names_documents_that_fit_the_operation() -> None:
    scene = furnished()
    prebook = operation("POST /v1/accountingDocuments/{invoiceId}/prebookResponses")
    named = {scene.known(prebook, number)["invoiceId"] for number in range(4)}
    assert named == {"doc-WaitingForPrebook", "doc-PrebookInProgress"}
    assert scene.known(operation("GET /v1/vendors/{externalCode}"), 0)["externalCode"] == "vendor-1"


class _Broken:
    """A twin that offers one operation and breaks on every request."""

    operations = (("GET", "/v1/companies"),)

    def handle(self, _request: Any) -> Any:
        raise ZeroDivisionError("no")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every scene has the broken twin."""

    def scene() -> Any:
        made = furnished()
        made.twin = _Broken()  # type: ignore[assignment]
        return made

    monkeypatch.setattr("contract.fuzzing.furnished", scene)


@pytest.mark.usefixtures("broken")
def test_a_twin_that_breaks_on_generated_requests_is_found_out_and_so_is_an_operation_that_never_works() -> None:
    assert [one.name for one in offered(basware())] == ["GET /v1/companies"]
    tally = Tally()
    Fuzzing(basware(), tally, examples=2).run()
    assert {one.rule for one in tally.found} == {Rule.CRASH, Rule.NEVER_GOOD}
    assert tally.lines["GET /v1/companies"].statuses[0] == tally.exchanges > 0


@pytest.mark.usefixtures("talkative")
def test_what_our_own_checks_overlook_schemathesis_objects_to() -> None:
    tally = Tally()
    Fuzzing(basware(), tally, examples=2).run()
    assert {(one.rule, one.keyword) for one in tally.found} == {(Rule.SECOND_OPINION, "JsonSchemaError")}


class _Talkative(_Broken):
    """A twin that says more than the file allows."""

    def handle(self, request: Any) -> Any:
        if request.query:
            return Response(401)
        return Response(200, {"Content-Type": "application/json"}, b'{"companies":[],"more":1}')


@pytest.fixture
def talkative(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every scene has the talkative twin, and nobody of ours looks at its answers."""

    def scene() -> Any:
        made = furnished()
        made.twin = _Talkative()  # type: ignore[assignment]
        return made

    monkeypatch.setattr("contract.fuzzing.furnished", scene)
    monkeypatch.setattr("contract.basware_judge.answer_violations", lambda _operation, _answer: [])
