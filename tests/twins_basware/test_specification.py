"""The twin's tables against Basware's own specification, where a copy of it is at hand."""

import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from twins.basware.answers import Code
from twins.basware.schemas import PAYMENT_RESPONSE, TRANSFER_RESPONSE
from twins.basware.state import STATUSES

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ML_CONNECTOR_SHARED", ROOT.parent / "shared"))
FILE = SHARED / "specs" / "basware" / "basware-p2p-openapi.json"

pytestmark = pytest.mark.skipif(
    not FILE.is_file(), reason=f"Basware's specification is not at {FILE}; set ML_CONNECTOR_SHARED"
)


@pytest.fixture(scope="module")
def specification():
    return json.loads(FILE.read_text())


def kind(described):
    if described.get("format") == "date-time":
        return "instant"
    return {"string": "text", "boolean": "flag", "number": "amount"}[described["type"]]


@pytest.mark.parametrize(
    ("name", "table"), [("TransferResponseEntity", TRANSFER_RESPONSE), ("PaymentResponseEntity", PAYMENT_RESPONSE)]
)
def test_bodies_are_held_to_the_published_limits(specification, name, table):
    schema = specification["components"]["schemas"][name]
    assert schema["additionalProperties"] is False
    published = {
        field: (
            kind(described),
            field in schema["required"],
            described.get("minLength", 0),
            described.get("maxLength", 0),
        )
        for field, described in schema["properties"].items()
    }
    assert {field: (rule.kind, rule.required, rule.least, rule.most) for field, rule in table.items()} == published


def test_the_statuses_are_the_published_ones(specification):
    parameters = specification["paths"]["/v1/accountingDocuments"]["get"]["parameters"]
    [described] = [item["schema"]["enum"] for item in parameters if item["name"] == "ProcessingStatus"]
    assert set(described) == STATUSES


def test_errors_have_the_published_form_and_codes(specification, caller, tools):
    schemas = specification["components"]["schemas"]
    published = {"$ref": "#/components/schemas/ResponseEntityList", "components": {"schemas": schemas}}
    validator = Draft202012Validator(published)
    for answer in (caller.get("/v1/accountingDocuments?pageSize=0"), caller.answer("inv1", externalCode="")):
        assert answer.status == 400
        assert list(validator.iter_errors(tools.parsed(answer))) == []
    assert {code.value for code in Code} <= set(schemas["ErrorEntity"]["properties"]["code"]["enum"])
    assert {code.type for code in Code} <= set(schemas["ErrorEntity"]["properties"]["type"]["enum"])


def test_lists_and_request_statuses_have_the_published_form(specification, caller, tools):
    caller.answer("inv1", voucherNumber1="7", transferDate="2026-11-20T12:00:00Z")
    schemas = specification["components"]["schemas"]
    for path, name in (
        ("/v1/companies", "CompanyResponse"),
        ("/v1/requestStatus?entityType=TransferResponse", None),
    ):
        found = tools.parsed(caller.get(path))
        operation = specification["paths"][path.partition("?")[0]]["get"]["responses"]["200"]["content"][
            "application/json"
        ]
        schema = {"$ref": f"#/components/schemas/{name}"} if name else operation["schema"]
        validator = Draft202012Validator({**schema, "components": {"schemas": schemas}})
        assert list(validator.iter_errors(found)) == []
