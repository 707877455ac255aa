"""What both test files ask of a seed: a validator made from the vendor's own schema, and the codes QuickBooks knows."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

Json = dict[str, Any]


def _with_nulls(node: Any) -> Any:
    """OpenAPI 3.0's `nullable` in plain JSON schema: null joins the types and the enumerated values."""
    if isinstance(node, list):
        return [_with_nulls(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _with_nulls(value) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") is True and "type" in plain:
        plain["type"] = [plain["type"], "null"]
        if "enum" in plain:
            plain["enum"] = [*plain["enum"], None]
    return plain


@pytest.fixture(scope="session")
def schema_errors() -> Callable[[Json], list[str]]:
    """A function that lists what Basware's specification objects to in an accounting document."""
    shared = Path(os.environ.get("ML_CONNECTOR_SHARED", Path(__file__).parents[2].parent / "shared"))
    path = shared / "specs" / "basware" / "basware-p2p-openapi.json"
    if not path.is_file():
        pytest.skip(f"the Basware specification is not at {path}; set ML_CONNECTOR_SHARED to the folder above specs/")
    components = _with_nulls(json.loads(path.read_text(encoding="utf-8"))["components"])
    schema = {"$ref": "#/components/schemas/AccountingDocumentEntity", "components": components}
    validator = jsonschema.Draft4Validator(schema)
    encoder = msgspec.json.Encoder(decimal_format="number")

    def errors(document: Json) -> list[str]:
        return [
            f"{error.json_path}: {error.message}"
            for error in validator.iter_errors(json.loads(encoder.encode(document)))
        ]

    return errors


@pytest.fixture(scope="session")
def unknown_codes() -> Callable[[Json, Json], list[str]]:
    """A function that lists which of a document's codes the QuickBooks company cannot place, by field and code."""

    def unknown(company: Json, document: Json) -> list[str]:
        entities = company["entities"]
        accounts = {record["AcctNum"] for record in entities["Account"] if record["Active"]}
        vendors = {record["AcctNum"] for record in entities["Vendor"] if record["Active"] and "AcctNum" in record}
        names = {
            "costCenterName": {record["Name"] for record in entities["Department"]},
            "businessUnitName": {record["Name"] for record in entities["Class"]},
            "projectName": {record["DisplayName"] for record in entities["Customer"]},
        }
        missing = [
            f"accountCode {line['accountCode']}"
            for line in document["codingRows"]
            if line["accountCode"] not in accounts
        ]
        missing += [
            f"{field} {line[field]}"
            for line in document["codingRows"]
            for field, known in names.items()
            if line[field] and line[field] not in known
        ]
        if document["paymentTermName"] not in {record["Name"] for record in entities["Term"]}:
            missing.append(f"paymentTermName {document['paymentTermName']}")
        if document["supplierCode"] not in vendors:
            missing.append(f"supplierCode {document['supplierCode']}")
        return missing

    return unknown
