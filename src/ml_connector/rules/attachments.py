"""Which of a document's files go to QuickBooks, under which name, and the mark by which one of ours is found again.

Sources: Intuit's guide to attaching files (file name at most 1 000 characters, note at most 2 000) and the list of accepted
endings that a published client keeps; Basware P2P specification, attachments[].
"""

import re

from ml_connector.model.attachments import Attachment, Which

IMAGE = "ORIGINALIMAGE"
"""Basware's category of the invoice image."""

ENDINGS = frozenset(
    {"ai", "csv", "doc", "docx", "eps", "gif", "jpeg", "jpg", "ods", "pages", "pdf", "png", "rtf", "tif", "txt", "xls"}
    | {"xlsx", "xml"}
)
"""Kinds of files that QuickBooks takes."""

LONGEST_NAME = 1000
_TYPES = {
    "csv": "text/csv", "gif": "image/gif", "jpeg": "image/jpeg", "jpg": "image/jpeg", "pdf": "application/pdf",
    "png": "image/png", "tif": "image/tiff", "txt": "text/plain", "xml": "text/xml",
}  # fmt: skip
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"\\/]+')


def left_out(file: Attachment, which: Which, *, confidential: bool) -> str:
    """Why a file does not go to QuickBooks, in words for people; empty if it does. `confidential`: whether such files may go."""
    if which == "none" or (which == "image" and file.category != IMAGE):
        return "the connection does not copy such files"
    if file.confidential and not confidential:
        return "it is confidential in Basware"
    ending = ending_of(file.filename)
    if ending not in ENDINGS:
        return f"QuickBooks takes no files of the kind .{ending}" if ending else "its name does not say what kind it is"
    return ""


def ending_of(filename: str) -> str:
    """The ending of a file's name in small letters, without the dot; empty if it has none."""
    stem, dot, ending = filename.rpartition(".")
    return ending.lower().strip() if dot and stem else ""


def name_for(filename: str) -> str:
    """The file's name as QuickBooks gets it: no path, no control characters or quotes, and short enough, its ending kept."""
    name = _UNSAFE.sub("_", filename).strip(" .") or "file"
    if len(name) <= LONGEST_NAME:
        return name
    ending = ending_of(name)
    return f"{name[: LONGEST_NAME - len(ending) - 1]}.{ending}"


def content_type_of(filename: str) -> str:
    """What kind of content a file has, by its ending."""
    return _TYPES.get(ending_of(filename), "application/octet-stream")


def mark(invoice_id: str, code: str, copies: int = 0) -> str:
    """The note of a file of ours: whoever finds it knows where it is from, and we know that it is there. `copies`: how many of it
    there were before, for transactions the document had then."""
    note = f"From Basware, invoice {invoice_id}, file {code}"
    return f"{note}, copy {copies + 1}" if copies else note
