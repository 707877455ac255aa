"""A small OpenAPI file of our own, and where the vendors' are."""

from typing import Any

import pytest

from contract.sources import MissingSourceError, vendor_file
from contract.specification import Operation, Specifications, operations_of

TREE: dict[str, Any] = {
    "openapi": "3.0.1",
    "security": [{"Bearer": []}, {"tokens": []}],
    "paths": {
        "/v1/things": {
            "get": {
                "parameters": [
                    {"name": "pageSize", "in": "query", "schema": {"type": "integer", "format": "int32"}},
                    {"name": "companyCode", "in": "query", "required": True, "schema": {"type": "string"}},
                    {"name": "since", "in": "query", "schema": {"type": "string", "format": "date-time"}},
                ],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Things"}}}},
                    "302": {"description": "elsewhere"},
                    "404": {"description": "none"},
                },
            },
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
                        },
                        "application/*+json": {
                            "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
                        },
                    },
                    "required": True,
                },
                "responses": {"200": {"content": {"text/plain": {"schema": {"type": "string"}}}}, "400": {}},
            },
        },
        "/v1/things/{code}": {"get": {"responses": {"200": {}}}},
        "/v1/things/newest": {"get": {"security": [], "responses": {"200": {}}}},
    },
    "components": {
        "securitySchemes": {
            "Bearer": {"type": "http", "scheme": "basic"},
            "tokens": {"type": "oauth2", "flows": {}},
        },
        "schemas": {
            "Things": {
                "type": "object",
                "properties": {"things": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}},
                "additionalProperties": False,
            },
            "Thing": {
                "type": "object",
                "required": ["code", "amount"],
                "properties": {
                    "code": {"type": "string", "maxLength": 5},
                    "amount": {"type": "number", "format": "double"},
                    "count": {"type": "integer", "format": "int32"},
                    "kind": {"type": "string", "enum": ["a", "b"], "nullable": True},
                    "at": {"type": "string", "format": "date-time", "nullable": True},
                    "inner": {"$ref": "#/components/schemas/Inner"},
                    "title": {"type": "string", "example": "none"},
                },
                "additionalProperties": False,
            },
            "Inner": {"type": "object", "properties": {"x": {"type": "boolean"}}},
        },
    },
}


@pytest.fixture
def specifications() -> Specifications:
    """The small file's operations."""
    return Specifications(operations_of("small", TREE))


@pytest.fixture
def listing(specifications: Specifications) -> Operation:
    """GET /v1/things."""
    return one_of(specifications, "GET", "/v1/things")


@pytest.fixture
def writing(specifications: Specifications) -> Operation:
    """POST /v1/things."""
    return one_of(specifications, "POST", "/v1/things")


def one_of(specifications: Specifications, method: str, path: str) -> Operation:
    found = specifications.find(method, path)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def vendors_files() -> None:
    """The vendors' files are at hand; otherwise the test is skipped."""
    try:
        vendor_file("basware", "basware-p2p-openapi.json")
        vendor_file("quickbooks", "entities.json")
    except MissingSourceError as error:
        pytest.skip(str(error))
