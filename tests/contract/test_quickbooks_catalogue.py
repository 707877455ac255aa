"""Records against the entity catalogue: on a small one of our own, and on the published one where it is at hand."""

from decimal import Decimal
from typing import Any

import pytest

from contract.quickbooks_catalogue import Catalogue, violations

SMALL = Catalogue(
    records={
        "Bill": {
            "Id": "id",
            "Line": "Line[]",
            "TotalAmt": "decimal",
            "TxnDate": "date",
            "MetaData": "Times",
            "Active": "boolean",
            "Status": "StatusEnum",
            "VendorRef": "ReferenceType",
            "BillEx": "IntuitAnyType",
            "domain": "string",
        },
        "Line": {"LineNum": "positiveInteger", "Amount": "decimal", "Count": "int"},
        "Times": {"CreateTime": "dateTime"},
        "ReferenceType": {"name": "string", "value": "string"},
    },
    enumerations={"StatusEnum": frozenset({"Open", "Closed"})},
)


def test_a_record_of_known_properties_with_their_types_has_no_violation() -> None:
    record = {
        "Id": "145",
        "Line": [{"LineNum": 1, "Amount": Decimal("10.50"), "Count": 2}],
        "TotalAmt": 0,
        "TxnDate": "2026-11-02",
        "MetaData": {"CreateTime": "2026-11-02T06:02:34-07:00"},
        "Active": True,
        "Status": "Open",
        "VendorRef": {"value": "50", "name": "Nordlys"},
        "BillEx": {"whatever": [1]},
        "domain": "QBO",
    }
    assert SMALL.violations("Bill", record) == []


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ({"Colour": "red"}, "Bill.Colour: Bill has no such property"),
        ({"Line": [{"Colour": "red"}]}, "Bill.Line[].Colour: Line has no such property"),
        ({"Line": {"LineNum": 1}}, "Bill.Line: must be a list (Line[]), is {'LineNum': 1}"),
        ({"Line": [{"LineNum": 0}]}, "Bill.Line[].LineNum: must be positiveInteger, is 0"),
        ({"Line": [{"Count": Decimal("1.0")}]}, "Bill.Line[].Count: must be int, is Decimal('1.0')"),
        ({"Line": ["text"]}, "Bill.Line[]: must be an object (Line), is 'text'"),
        ({"Id": 145}, "Bill.Id: must be id, is 145"),
        ({"Id": None}, "Bill.Id: must be id, is None"),
        ({"TotalAmt": "10.50"}, "Bill.TotalAmt: must be decimal, is '10.50'"),
        ({"TotalAmt": 10.5}, "Bill.TotalAmt: must be decimal, is 10.5"),
        ({"TotalAmt": True}, "Bill.TotalAmt: must be decimal, is True"),
        ({"TxnDate": "2026-11-02T00:00:00"}, "Bill.TxnDate: must be date, is '2026-11-02T00:00:00'"),
        ({"TxnDate": "2026-02-30"}, "Bill.TxnDate: must be date, is '2026-02-30'"),
        ({"MetaData": {"CreateTime": "2026-11-02T06:02:34"}}, "Bill.MetaData.CreateTime: must be dateTime, is"),
        ({"Active": "true"}, "Bill.Active: must be boolean, is 'true'"),
        ({"Status": "open"}, "Bill.Status: must be one of StatusEnum, is 'open'"),
        ({"VendorRef": "50"}, "Bill.VendorRef: must be an object (ReferenceType), is '50'"),
        ({"VendorRef": {"value": 50}}, "Bill.VendorRef.value: must be string, is 50"),
    ],
)
def test_whatever_is_unknown_or_of_another_type_is_named_with_its_place(record: dict[str, Any], sentence: str) -> None:
    [found] = SMALL.violations("Bill", record)
    assert found.startswith(sentence)


def test_a_record_that_is_none_is_a_violation() -> None:
    assert SMALL.violations("Bill", ["x"]) == ["Bill: must be an object (Bill), is ['x']"]


@pytest.mark.usefixtures("vendors_files")
def test_the_published_catalogue_knows_attributes_lists_references_and_enumerations() -> None:
    bill = {
        "domain": "QBO",
        "sparse": False,
        "status": "Deleted",
        "VendorRef": {"value": "50", "name": "Nordlys", "type": "Vendor"},
        "Line": [
            {
                "Amount": Decimal("10.00"),
                "DetailType": "AccountBasedExpenseLineDetail",
                "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "20"}},
                "LinkedTxn": [{"TxnId": "7", "TxnType": "PurchaseOrder", "TxnLineId": "1"}],
            }
        ],
        "CustomField": [{"DefinitionId": "1", "Type": "StringType", "StringValue": "x"}],
    }
    assert violations("Bill", bill) == []
    line = {"DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": {"DepartmentRef": {}}}
    assert violations("Bill", {"Line": [line]}) == [
        "Bill.Line[].AccountBasedExpenseLineDetail.DepartmentRef: AccountBasedExpenseLineDetail has no such property"
    ]
