"""python-quickbooks, unchanged, attaching files and notes to what is in the books."""

import pytest
import requests
from quickbooks.objects.attachable import Attachable
from quickbooks.objects.base import AttachableRef

from library_objects import reference, saved

pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utc.*:DeprecationWarning"
)  # the library's, from Python 3.12
CONTENT = b"%PDF-1.7\r\n\x00\xff" + b"page " * 200


def attached_to(entity, record):
    """An unsaved attachment of a record."""
    link = AttachableRef()
    link.EntityRef = reference(record.Id)
    link.EntityRef.type = entity
    attachment = Attachable()
    attachment.AttachableRef.append(link)
    return attachment


def links(twin, attachment):
    held = next(each for each in twin.books("1001")["Attachable"] if each["Id"] == attachment.Id)
    return [(each["EntityRef"]["type"], each["EntityRef"]["value"]) for each in held["AttachableRef"]]


@pytest.mark.row("Q14")
@pytest.mark.parametrize("given", ["bytes", "a path"])
def test_attach_a_file(client, twin, entity, given, tmp_path):
    record = saved(entity, client)
    attachment = attached_to(entity, record)
    attachment.FileName, attachment.ContentType = "invoice.pdf", "application/pdf"
    if given == "bytes":
        attachment._FileBytes = CONTENT
    else:
        attachment._FilePath = str(tmp_path / "invoice.pdf")
        (tmp_path / "invoice.pdf").write_bytes(CONTENT)
    made = attachment.save(qb=client)
    assert (made.FileName, made.Size, made.ContentType) == ("invoice.pdf", len(CONTENT), "application/pdf")
    assert links(twin, made) == [(entity, record.Id)]
    with requests.Session() as session:
        assert session.get(made.TempDownloadUri, timeout=10).content == CONTENT
    again = Attachable.get(made.Id, qb=client)
    assert again.FileName == "invoice.pdf"
    assert again.delete(qb=client)["Attachable"]["status"] == "Deleted"


def test_attach_a_note(client, twin, entity):
    record = saved(entity, client)
    attachment = attached_to(entity, record)
    attachment.Note = "Approved by phone"
    made = attachment.save(qb=client)
    assert made.Note == "Approved by phone"
    assert links(twin, made) == [(entity, record.Id)]
