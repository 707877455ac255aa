"""Attaching a file to transactions: the two parts of an upload, read from disk while they are sent.

Sources: Intuit, "Attach images and notes" (parts file_metadata_01 and file_content_01, 100 MB, Content-Length), and recorded calls:
a file that is refused is refused inside an answer 200.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from ml_connector.quickbooks.wire import encode

LARGEST_UPLOAD = 100_000_000
"""Bytes of a whole upload (Intuit: 100 MB); the parts around the file need some hundred."""

_BLOCK = 262_144
_BOUNDARY = "ml-connector-part-b5f0c2d97a3e41d6"


class Target(msgspec.Struct, frozen=True):
    """A record a file is attached to: its entity, such as Bill, and its id."""

    type: str
    id: str


class Upload:
    """The body of an upload, as often as it is asked for. `content_type` and `length` belong into the headers."""

    content_type = f"multipart/form-data; boundary={_BOUNDARY}"

    def __init__(self, file: Path, *, name: str, kind: str, note: str, targets: Sequence[Target]) -> None:
        described = {
            "FileName": name,
            "ContentType": kind,
            "Note": note,
            "AttachableRef": [
                {"EntityRef": {"type": target.type, "value": target.id}, "IncludeOnSend": False} for target in targets
            ],
        }
        self._file = file
        self._before = b"".join((
            _head('name="file_metadata_01"; filename="attachment.json"', "application/json"),
            encode(described),
            b"\r\n",
            _head(f'name="file_content_01"; filename="{_ascii(name)}"', kind),
        ))  # fmt: skip
        self._after = f"\r\n--{_BOUNDARY}--\r\n".encode()
        self.length = len(self._before) + file.stat().st_size + len(self._after)

    def __iter__(self) -> Iterator[bytes]:
        yield self._before
        with self._file.open("rb") as content:
            while block := content.read(_BLOCK):
                yield block
        yield self._after


def _head(disposition: str, kind: str) -> bytes:
    return f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {kind}\r\n\r\n".encode()


def _ascii(name: str) -> str:
    """A name for a header, where only plain characters are safe; the metadata carries the true one."""
    return name.encode("ascii", errors="replace").decode().replace("?", "_").replace('"', "_")
