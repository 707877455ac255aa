"""The twin's tables against Basware's own specification, where a copy of it is at hand."""

import json
import os
from pathlib import Path
from typing import get_args

import pytest
from jsonschema import Draft202012Validator

from twins.basware.answers import Code
from twins.basware.intake import STATUSES as REQUEST_STATUSES
from twins.basware.intake import Outcome
from twins.basware.resources import ENTITY_TYPES, LIST_KEYS, RESOURCES
from twins.basware.schemas import PUBLISHED, Field, schema
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
    return {"string": "text", "boolean": "flag", "number": "number", "integer": "int", "object": "object"}[
        described["type"]
    ]


def as_published(described, required):
    """A property of the specification in the twin's own terms."""
    many = described.get("type") == "array"
    inner = described["items"] if many else described
    reference = inner.get("$ref", "").rpartition("/")[2]
    is_text = kind(inner) in {"text", "instant"} if not reference else False
    return Field(
        kind="object" if reference else kind(inner),
        required=required,
        nullable=described.get("nullable", False),
        least=described.get("minLength", 0) if is_text else 0,
        most=described.get("maxLength", 0) if is_text else 0,
        low=described.get("minimum"),
        high=described.get("maximum"),
        words=tuple(inner.get("enum", ())),
        pattern=described.get("pattern", ""),
        shape=reference,
        many=many,
    )


@pytest.mark.row("S9")
@pytest.mark.parametrize("name", PUBLISHED)
def test_bodies_are_held_to_exactly_the_published_limits(specification, name):
    described = specification["components"]["schemas"][name]
    assert described["additionalProperties"] is False
    required = described.get("required", ())
    published = {field: as_published(value, field in required) for field, value in described["properties"].items()}
    assert schema(name) == published


def test_every_part_of_a_known_body_is_known_too():
    parts = {field.shape for name in PUBLISHED for field in schema(name).values() if field.shape}
    assert parts <= PUBLISHED.keys()


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


def opened(described):
    """A published schema in plain JSON Schema: nullable is a type of its own there."""
    if isinstance(described, list):
        return [opened(each) for each in described]
    if not isinstance(described, dict):
        return described
    changed = {name: opened(value) for name, value in described.items() if name != "nullable"}
    if described.get("nullable") and "type" in described:
        changed["type"] = [described["type"], "null"]
        if "enum" in described:
            changed["enum"] = [*described["enum"], None]
    return changed


@pytest.fixture(scope="module")
def violations(specification):
    """Everything wrong with an answer to an operation, by its published schema for that status."""
    schemas = opened(specification["components"]["schemas"])

    def check(method, path, status, body):
        described = specification["paths"][path][method.lower()]["responses"][str(status)]
        [form] = [content["schema"] for kind, content in described["content"].items() if kind == "application/json"]
        validator = Draft202012Validator({**opened(form), "components": {"schemas": schemas}})
        return [error.message for error in validator.iter_errors(body)]

    return check


def published_path(resource):
    return "/" + "/".join(resource.path).replace("*", "{listKey}")


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_every_list_has_the_published_operations_and_page_sizes(specification, resource):
    path = published_path(resource)
    one = f"{path}/{{{resource.key}}}"
    offered = {(path, "get"), (path, "post"), (one, "get")}
    if resource.changes:
        offered |= {(path, "delete"), (one, "patch")}
    published = {(each, method) for each in (path, one) for method in specification["paths"][each]}
    assert offered == published
    reading = specification["paths"][path]["get"]
    parameters = {item["name"]: item for item in reading["parameters"]}
    assert parameters["pageSize"]["schema"]["default"] == resource.page
    described = " ".join(parameters["pageSize"]["description"].split())
    if "Li items." not in described:  # one description is cut off in the published file
        assert f"between 1 and {resource.page_most} items" in described
    taken = {"pageSize", "lastUpdated", *resource.filters}
    taken |= {"companyCode"} if resource.companies else set()
    taken |= {resource.group} if resource.group else set()
    own = {"x-amz-meta-continuationtoken", "listKey"}
    assert set(parameters) - own == taken
    form = reading["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    [(wrapper, members)] = specification["components"]["schemas"][form]["properties"].items()
    assert (wrapper, members["items"]["$ref"].rpartition("/")[2]) == (resource.wrapper, resource.schema)


def test_entity_types_list_keys_and_states_are_the_published_ones(specification):
    schemas, paths = specification["components"]["schemas"], specification["paths"]
    assert set(schemas["ConsumerLogEventUserView"]["properties"]["entityType"]["enum"]) == ENTITY_TYPES
    assert set(schemas["ConsumerLogEventUserView"]["properties"]["requestStatus"]["enum"]) == set(REQUEST_STATUSES)
    [keys] = [
        item["schema"]["enum"]
        for item in paths["/v1/lists/{listKey}"]["get"]["parameters"]
        if item["name"] == "listKey"
    ]
    assert set(keys) == LIST_KEYS
    outcomes = set(schemas["ProcessedItem"]["properties"]["status"]["enum"])
    assert set(get_args(Outcome)) == outcomes - {"Unpublished"}
    assert {resource.entity_type for resource in RESOURCES} - {""} <= ENTITY_TYPES


@pytest.mark.row("S11")
def test_imported_data_has_the_published_form_both_ways(violations, importer, tools):
    records = {
        "vendors": tools.vendor(1, contacts=[{"name": "Ann", "email": None}]),
        "accounts": tools.account(1),
        "paymentTerms": tools.term("NET30"),
        "matchingOrders": tools.order(1),
        "lists/ACC_LIST_1": {"externalCode": "x", "number_1": 1},
        "matchingOrderLines": tools.order_line(1, goodsReceipts=[]),
        "companies": {"companyCode": "US20", "name": "Second", "active": True},
    }
    for path, record in records.items():
        published = f"/v1/{path}".replace("ACC_LIST_1", "{listKey}")
        key = "companyCode" if path == "companies" else "externalCode"
        one = f"{published}/{{{key}}}"
        posted = importer.post(f"/v1/{path}", [record])
        assert violations("POST", published, 200, tools.parsed(posted)) == []
        narrowed = "?orderExternalCode=O-1" if path == "matchingOrderLines" else ""
        assert violations("GET", published, 200, importer.found(f"{path}{narrowed}")) == []
        assert violations("GET", one, 200, importer.found(f"{path}/{record[key]}")) == []
        if path == "companies":
            continue
        patched = importer.patch(f"{path}/{record[key]}")
        assert violations("PATCH", one, 200, tools.parsed(patched)) == []
        assert violations("DELETE", published, 200, tools.parsed(importer.delete(path, externalCode=record[key]))) == []
        started = importer.delete(path, lastUpdated="2000-01-01")
        assert violations("DELETE", published, 202, tools.parsed(started)) == []


def test_refusals_of_imported_data_have_the_published_form(violations, importer, tools):
    wrong = importer.post("/v1/vendors", [{}, tools.vendor(1)])
    assert violations("POST", "/v1/vendors", 400, tools.parsed(wrong)) == []
    twice = importer.post("/v1/vendors", [tools.vendor(1), tools.vendor(1)])
    assert violations("POST", "/v1/vendors", 409, tools.parsed(twice)) == []
    missing = importer.delete("vendors", externalCode="x")
    assert violations("DELETE", "/v1/vendors", 400, tools.parsed(missing)) == []


def test_what_became_of_requests_has_the_published_form(violations, caller, importer, tools):
    caller.answer("inv1", voucherNumber1="7", transferDate="2026-11-20T12:00:00Z")
    about_invoices = tools.parsed(caller.get("/v1/requestStatus?entityType=TransferResponse"))
    assert violations("GET", "/v1/requestStatus", 200, about_invoices) == []
    request_id = importer.put("lists/ACC_LIST_1", {"externalCode": "x", "text_9": "too many columns"})
    by_id = importer.found(f"requestStatus/{request_id}")
    assert violations("GET", "/v1/requestStatus/{requestId}", 200, by_id) == []
    assert violations("GET", "/v1/errorFeedbacks", 200, importer.found("errorFeedbacks")) == []
    importer.post("/v1/requestStatus/acknowledge", {"requestIds": [request_id]})
    again = importer.post("/v1/requestStatus/acknowledge", {"requestIds": [request_id]})
    assert violations("POST", "/v1/requestStatus/acknowledge", 405, tools.parsed(again)) == []
