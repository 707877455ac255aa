"""Attachments: uploads with their metadata, links to files that die after a quarter of an hour, and notes."""

import base64
import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from twins.http import Request
from twins.quickbooks import attachments

pytestmark = pytest.mark.row("Q14")
PDF = b"%PDF-1.7\r\n------almost a boundary\r\n\x00\xff\r\n"
BOUNDARY = "----frontier"


def part(name, content, *, file_name="", content_type="", encoding=""):
    named = f'; filename="{file_name}"' if file_name else ""
    lines = [f'Content-Disposition: form-data; name="{name}"{named}']
    lines += [f"Content-Type: {content_type}"] if content_type else []
    lines += [f"Content-Transfer-Encoding: {encoding}"] if encoding else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def about(number="01", **fields):
    """The metadata of a file."""
    return part(f"file_metadata_{number}", json.dumps(fields).encode(), content_type="application/json")


def pdf(number="01", *, content=PDF, file_name="inv.pdf"):
    return part(f"file_content_{number}", content, file_name=file_name, content_type="application/pdf")


def attached_to(record, kind="Bill"):
    key = record if isinstance(record, str) else record["Id"]
    return [{"EntityRef": {"type": kind, "value": key}, "IncludeOnSend": False}]


def send(qbo, *parts, headers=None, body=None):
    mark = f"--{BOUNDARY}".encode()
    content = b"".join(mark + b"\r\n" + each + b"\r\n" for each in parts) + mark + b"--\r\n" if body is None else body
    given = {"content-type": f'multipart/form-data; boundary="{BOUNDARY}"', "content-length": str(len(content))}
    return qbo.raw("POST", "upload", content, headers={**given, **(headers or {})})


def upload(qbo, *parts):
    answer = send(qbo, *parts)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)["AttachableResponse"]


def codes(answers):
    return [each["Fault"]["Error"][0]["code"] for each in answers]


def refused(answer):
    assert answer.status == 400, answer.body
    return json.loads(answer.body)["Fault"]["Error"][0]["code"]


def fetch(qbo, link):
    address = urlsplit(link)
    pairs = tuple(parse_qsl(address.query))
    return qbo.twin.handle(Request("GET", address.netloc, address.path, pairs, {}, b""))


@pytest.fixture
def bill(qbo):
    return qbo.post("Bill", qbo.bill())


def test_an_uploaded_file_is_attached_to_its_bill_and_can_be_fetched(qbo, bill):
    made = upload(qbo, about(AttachableRef=attached_to(bill), FileName="inv.pdf", Note="Scanned"), pdf())[0][
        "Attachable"
    ]
    assert made["AttachableRef"][0]["EntityRef"] == {"type": "Bill", "value": bill["Id"]}
    assert (made["FileName"], made["Size"], made["ContentType"]) == ("inv.pdf", len(PDF), "application/pdf")
    assert (made["SyncToken"], made["Note"], made["domain"]) == ("0", "Scanned", "QBO")
    assert made["FileAccessUri"] == f"/v3/company/{qbo.realm}/download/{made['Id']}"
    assert fetch(qbo, made["TempDownloadUri"]).body == PDF


def test_a_file_without_metadata_is_named_by_its_own_part(qbo):
    made = upload(qbo, pdf(file_name="Faktura æ.pdf"))[0]["Attachable"]
    assert (made["FileName"], made["ContentType"]) == ("Faktura æ.pdf", "application/pdf")
    assert "AttachableRef" not in made
    assert fetch(qbo, qbo.get("Attachable", made["Id"])["TempDownloadUri"]).body == PDF


def test_files_and_metadata_are_paired_by_the_end_of_their_names(qbo, bill):
    answers = upload(
        qbo,
        pdf("02", content=b"second"),
        about("01", FileName="a.pdf", AttachableRef=attached_to(bill)),
        pdf("01", content=b"first"),
        about("02", FileName="b.pdf"),
    )
    assert [each["Attachable"]["FileName"] for each in answers] == ["a.pdf", "b.pdf"]
    assert [fetch(qbo, each["Attachable"]["TempDownloadUri"]).body for each in answers] == [b"first", b"second"]


def test_a_file_in_base64_and_lines_that_end_in_a_bare_line_feed_are_read(qbo):
    lines = [
        "", f"--{BOUNDARY}", 'Content-Disposition: form-data; name="file_metadata_01"', "Content-Type: application/json", "",
        '{"FileName": "inv.pdf", "ContentType": "application/pdf"}', "", f"--{BOUNDARY}",
        'Content-Disposition: form-data; name="file_content_01"', "Content-Type: application/pdf",
        "Content-Transfer-Encoding: base64", "", base64.b64encode(PDF).decode(), "", f"--{BOUNDARY}--", "",
    ]  # fmt: skip
    answer = send(qbo, body="\n".join(lines).encode())
    made = json.loads(answer.body)["AttachableResponse"][0]["Attachable"]
    assert fetch(qbo, made["TempDownloadUri"]).body == PDF


def test_a_missing_target_is_a_fault_inside_a_200_and_spares_the_other_files(qbo, bill):
    answers = upload(
        qbo,
        about("01", FileName="a.pdf", AttachableRef=attached_to("75", "Estimate")),
        pdf("01"),
        about("02", FileName="b.pdf", AttachableRef=attached_to("9999")),
        pdf("02"),
        about("03", FileName="c.pdf", AttachableRef=attached_to(bill)),
        pdf("03"),
    )
    assert codes(answers[:2]) == ["6000", "6000"]
    assert "Estimate 75" in answers[0]["Fault"]["Error"][0]["Detail"]
    assert answers[2]["Attachable"]["FileName"] == "c.pdf"
    assert qbo.query("select count(*) from Attachable") == {"totalCount": 1}


def test_files_can_be_attached_to_some_objects_only(qbo):
    assert codes(upload(qbo, about(FileName="a.pdf", AttachableRef=attached_to("3", "Term")), pdf())) == ["6050"]
    made = upload(qbo, about(FileName="a.pdf", AttachableRef=attached_to("50", "Vendor")), pdf())
    assert made[0]["Attachable"]["AttachableRef"][0]["EntityRef"]["type"] == "Vendor"


@pytest.mark.parametrize("file_name", ["virus.exe", "archive.zip", "noextension"])
def test_only_some_kinds_of_files_are_taken(qbo, file_name):
    assert codes(upload(qbo, pdf(file_name=file_name))) == ["6041"]


@pytest.mark.parametrize("extension", ["PDF", "jpg", "xlsx", "txt"])
def test_the_usual_kinds_of_files_are_taken(qbo, extension):
    assert "Attachable" in upload(qbo, pdf(file_name=f"a.{extension}"))[0]


def test_an_empty_file_and_broken_base64_are_refused(qbo):
    assert codes(upload(qbo, pdf(content=b""))) == ["6041"]
    broken = part("file_content_01", b"!!!", file_name="a.pdf", encoding="base64")
    assert refused(send(qbo, broken)) == "6041"


@pytest.mark.parametrize(("field", "limit"), [("Note", 2000), ("Category", 100), ("FileName", 1000)])
def test_metadata_has_its_lengths(qbo, field, limit):
    fits, exceeds = "x" * (limit - 4) + ".pdf", "x" * (limit - 3) + ".pdf"
    assert "Attachable" in upload(qbo, about(**{"FileName": "a.pdf", field: fits}), pdf())[0]
    assert codes(upload(qbo, about(**{"FileName": "a.pdf", field: exceeds}), pdf())) == ["2050"]


def test_metadata_has_only_known_properties(qbo):
    assert codes(upload(qbo, about(FileName="a.pdf", Nonsense=1), pdf())) == ["2010"]
    assert codes(upload(qbo, part("file_metadata_01", b"{broken"), pdf())) == ["2010"]


def test_an_upload_says_how_long_it_is(qbo):
    content = b"--x\r\n" + pdf() + b"\r\n--x--\r\n"
    answer = qbo.raw("POST", "upload", content, headers={"content-type": "multipart/form-data; boundary=x"})
    assert refused(answer) == "6020"


def test_an_upload_has_at_most_a_hundred_megabytes(qbo, monkeypatch):
    monkeypatch.setattr(attachments, "MAX_BODY", 400)
    assert send(qbo, pdf(content=b"x" * 200)).status == 200
    assert refused(send(qbo, pdf(content=b"x" * 400))) == "6030"


def test_the_limit_is_a_hundred_megabytes():
    assert attachments.MAX_BODY == 100 * 1024 * 1024


@pytest.mark.parametrize(
    ("parts", "code"),
    [((), "2020"), ((part("picture", b"x"),), "6040"), ((about(FileName="a.pdf"),), None)],
)
def test_an_upload_needs_files_in_parts_of_the_right_names(qbo, parts, code):
    answer = send(qbo, *parts)
    if code is None:
        assert codes(json.loads(answer.body)["AttachableResponse"]) == ["2020"]
    else:
        assert refused(answer) == code


def test_what_is_no_form_is_refused(qbo):
    assert refused(send(qbo, body=b"%PDF")) == "500"
    assert refused(send(qbo, pdf(), headers={"content-type": "application/pdf"})) == "500"


def test_a_link_to_a_file_lives_for_nine_hundred_seconds(qbo):
    link = upload(qbo, pdf())[0]["Attachable"]["TempDownloadUri"]
    assert "X-Amz-Expires=900" in link
    qbo.clock.advance(899)
    assert fetch(qbo, link).status == 200
    qbo.clock.advance(1)
    late = fetch(qbo, link)
    assert (late.status, late.headers["Content-Type"]) == (403, "application/xml")
    assert b"<Code>AccessDenied</Code>" in late.body
    assert fetch(qbo, link.replace("X-Amz-Date=1", "X-Amz-Date=2")).status == 403


def test_every_read_and_the_download_address_give_a_fresh_link(qbo):
    made = upload(qbo, pdf())[0]["Attachable"]
    qbo.clock.advance(1800)
    assert fetch(qbo, qbo.get("Attachable", made["Id"])["TempDownloadUri"]).body == PDF
    assert fetch(qbo, qbo.query("select * from Attachable")["Attachable"][0]["TempDownloadUri"]).body == PDF
    answer = qbo.raw("GET", f"download/{made['Id']}")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert fetch(qbo, answer.body.decode()).body == PDF
    assert refused(qbo.raw("GET", "download/123456")) == "610"


def test_a_note_needs_no_file(qbo, bill):
    note = qbo.post("Attachable", {"Note": "Approved by phone", "AttachableRef": attached_to(bill)})
    assert "TempDownloadUri" not in note
    assert refused(qbo.raw("GET", f"download/{note['Id']}")) == "6000"


def test_a_file_can_be_attached_later_renamed_and_deleted(qbo, bill):
    made = upload(qbo, pdf())[0]["Attachable"]
    linked = qbo.post(
        "Attachable", {"Id": made["Id"], "SyncToken": "0", "FileName": "b.pdf", "AttachableRef": attached_to(bill)}
    )
    assert (linked["FileName"], linked["SyncToken"]) == ("b.pdf", "1")
    assert fetch(qbo, linked["TempDownloadUri"]).body == PDF
    found = qbo.query(
        f"select * from Attachable where AttachableRef.EntityRef.Type = 'bill' and AttachableRef.EntityRef.value = '{bill['Id']}'"
    )
    assert [each["Id"] for each in found["Attachable"]] == [made["Id"]]
    assert qbo.post("Attachable", {"Id": made["Id"]}, operation="delete")["status"] == "Deleted"
    assert qbo.call("GET", f"attachable/{made['Id']}")[0] == 400


def test_type_and_id_of_a_query_have_to_fit_the_same_attachment(qbo, bill):
    both = attached_to(bill) + attached_to("50", "Vendor")
    qbo.post("Attachable", {"Note": "Both", "AttachableRef": both})
    where = "select count(*) from Attachable where AttachableRef.EntityRef.Type = '{}' and AttachableRef.EntityRef.value = '{}'"
    assert qbo.query(where.format("Bill", bill["Id"])) == {"totalCount": 1}
    assert qbo.query(where.format("Vendor", "50")) == {"totalCount": 1}
    assert qbo.query(where.format("Bill", "50")) == {"totalCount": 0}


@pytest.mark.row("Q4")
def test_a_repeated_upload_brings_the_same_answer_and_no_second_file(qbo):
    content = b"--x\r\n" + pdf() + b"\r\n--x--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=x", "content-length": str(len(content))}
    first = qbo.raw("POST", "upload", content, headers=headers, requestid="r-1")
    assert qbo.raw("POST", "upload", content, headers=headers, requestid="r-1").body == first.body
    assert qbo.query("select count(*) from Attachable") == {"totalCount": 1}
