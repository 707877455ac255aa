"""What is said about attachments: names, notes, and the records they hang on."""

import pytest


def note(*targets, **fields):
    refs = [{"EntityRef": {"type": kind, "value": key}} for kind, key in targets]
    return {"Note": "approved by mail", "AttachableRef": refs, **fields}


def test_a_note_hangs_on_records_and_is_changed_and_deleted(qbo):
    bill = qbo.post("Bill", qbo.bill())
    made = qbo.post("Attachable", note(("Bill", bill["Id"]), ("vendor", "50")))
    assert len(made["Id"]) == 19
    assert made["AttachableRef"] == [
        {"EntityRef": {"type": "Bill", "value": bill["Id"]}, "IncludeOnSend": False},
        {"EntityRef": {"type": "Vendor", "value": "50"}, "IncludeOnSend": False},
    ]
    changed = qbo.post("Attachable", made | {"Note": "and seen", "AttachableRef": made["AttachableRef"][:1]})
    assert (changed["Note"], changed["SyncToken"], len(changed["AttachableRef"])) == ("and seen", "1", 1)
    stub = qbo.post("Attachable", {"Id": made["Id"]}, operation="delete")
    assert stub["status"] == "Deleted"
    assert qbo.call("GET", f"attachable/{made['Id']}")[0] == 400


def test_a_stale_token_is_refused_even_where_none_is_needed(qbo):
    made = qbo.post("Attachable", note())
    assert qbo.code("Attachable", {"Id": made["Id"], "SyncToken": "9"}, operation="delete") == "5010"
    assert qbo.code("Attachable", made | {"SyncToken": "9"}) == "5010"


@pytest.mark.parametrize(
    ("kind", "key", "code", "detail"),
    [
        ("Bill", "75", "6000", "The entity Bill 75 that you are trying to link does not exist"),
        ("Estimate", "75", "6000", "The entity Estimate 75 that you are trying to link does not exist"),
        ("Term", "3", "6050", "Attachments to Term are not supported"),
        ("", "3", "6050", "Attachments to a record without type are not supported"),
    ],
)
def test_a_target_has_to_exist_and_to_take_attachments(qbo, kind, key, code, detail):
    error = qbo.refused("Attachable", note((kind, key)))
    assert error["code"] == code
    assert error["Detail"].endswith(detail)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Note": None}, "2020"),
        ({"Note": "x" * 2001}, "2050"),
        ({"Category": "x" * 101}, "2050"),
        ({"FileName": "x" * 1001}, "2050"),
        ({"Colour": "red"}, "2010"),
    ],
)
def test_a_note_has_its_limits(qbo, fields, code):
    assert qbo.code("Attachable", note(**fields)) == code


def test_what_belongs_to_the_file_cannot_be_set(qbo):
    made = qbo.post("Attachable", note(FileName="scan.pdf", Size=5, TempDownloadUri="https://elsewhere.example/x"))
    assert "Size" not in made
    assert "TempDownloadUri" not in made
