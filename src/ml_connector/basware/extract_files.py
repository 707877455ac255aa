"""Reading a Data Access file row by row, in little memory, whatever its form: gzip, zip or plain, JSON or CSV.

The form is told by the content, not by the name: Basware's text says zip where its example is gzip, and JSON or CSV was agreed
once for the tenant. A row is a mapping by column name, since the order of columns is not promised. Nothing here knows a table.
"""

import codecs
import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import ijson
import msgspec

Row = dict[str, Any]
"""One row by column name. Numbers of JSON are exact; CSV has texts alone, empty ones for nothing."""

_BLOCK = 65_536
_DELIMITERS = ",;\t|"


class DamagedFile(ValueError):  # noqa: N818  named as what it is
    """A file cannot be read; the text says where and why."""


class ReadLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much is read: of the unpacked file, and from one row to the next. Bytes."""

    unpacked: int
    row: int


class CsvForm(msgspec.Struct, frozen=True, kw_only=True):
    """How CSV files are written. An empty delimiter is found out from the header line."""

    encoding: str = "utf-8-sig"
    delimiter: str = ""


class _Source(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def rows_of(path: Path, limits: ReadLimits, form: CsvForm) -> Iterator[Row]:
    """Every row of a file. Raises DamagedFile, also in the middle; nothing of the file can be trusted then."""
    try:
        with _unpacked(path) as members:
            counted = _Counted(limits)
            for member in members:
                yield from _rows(counted.around(member), form)
    except (EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
        raise DamagedFile(f"the file is damaged: {error}") from error
    except (ijson.JSONError, UnicodeDecodeError, csv.Error, RecursionError, ArithmeticError) as error:
        raise DamagedFile(f"the file cannot be read: {error}") from error


def check_file(path: Path, limits: ReadLimits) -> None:
    """Unpack a file to its end, for the check sums at its end. Raises DamagedFile."""
    total = 0
    try:
        with _unpacked(path) as members:
            for member in members:
                while block := member.read(_BLOCK):
                    total += len(block)
                    if total > limits.unpacked:
                        raise DamagedFile(f"it has more than {limits.unpacked} bytes when unpacked, which is the limit")
    except (EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
        raise DamagedFile(f"the file is damaged: {error}") from error


@contextmanager
def _unpacked(path: Path) -> Iterator[Iterator[_Source]]:
    """What is inside: one stream of gzip or of the plain file, or each file of a zip archive."""
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("rb"))
        head = raw.read(4)
        raw.seek(0)
        if head[:2] == b"\x1f\x8b":
            yield iter([stack.enter_context(gzip.GzipFile(fileobj=raw, mode="rb"))])
        elif head[:2] == b"PK":
            yield _members(stack.enter_context(zipfile.ZipFile(raw)))
        else:
            yield iter([raw])


def _members(archive: zipfile.ZipFile) -> Iterator[_Source]:
    for info in archive.infolist():
        if info.is_dir():
            continue
        if info.flag_bits & 0x1:
            raise DamagedFile(f"the file {info.filename} in the archive is encrypted")
        with archive.open(info) as member:
            yield member


class _Counted:
    """Counts what is read, so that neither an endless file nor an endless row is taken into memory."""

    def __init__(self, limits: ReadLimits) -> None:
        self._limits = limits
        self._source: _Source = io.BytesIO()
        self._head = b""
        self._total = 0
        self._since_row = 0

    def around(self, source: _Source) -> "_Counted":
        """Go on with another stream; the total goes on too."""
        self._source, self._head, self._since_row = source, b"", 0
        return self

    def peek(self) -> bytes:
        """The first block, without taking it away."""
        if not self._head:
            self._head = self._source.read(_BLOCK)
        return self._head

    def read(self, size: int = -1, /) -> bytes:
        """At most one block. Raises DamagedFile beyond a limit."""
        if size == 0:
            return b""
        wanted = _BLOCK if size < 0 else min(size, _BLOCK)
        if self._head:
            block, self._head = self._head[:wanted], self._head[wanted:]
        else:
            block = self._source.read(wanted)
        self._total += len(block)
        self._since_row += len(block)
        if self._total > self._limits.unpacked:
            raise DamagedFile(f"the file has more than {self._limits.unpacked} bytes when unpacked, which is the limit")
        if self._since_row > self._limits.row + 2 * _BLOCK:
            raise DamagedFile(f"a row has more than {self._limits.row} bytes, which is the limit")
        return block

    def row_came(self) -> None:
        """A row ended: the next one begins to count."""
        self._since_row = 0


def _rows(source: _Counted, form: CsvForm) -> Iterator[Row]:
    head = source.peek()
    begins = head.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if not begins:
        while source.read():
            pass  # blank to its end: counted, so that an endless one ends
        return
    if begins in {b"[", b"{"}:
        if head.startswith(codecs.BOM_UTF8):
            source.read(len(codecs.BOM_UTF8))
        yield from _json_rows(source, many=begins == b"{")
    else:
        yield from _csv_rows(source, form, head)


def _json_rows(source: _Counted, *, many: bool) -> Iterator[Row]:
    """A bare array of objects, or objects one after another."""
    found = ijson.items(source, "" if many else "item", multiple_values=many, buf_size=_BLOCK)
    for number, row in enumerate(found, start=1):
        source.row_came()
        if not isinstance(row, dict):
            raise DamagedFile(f"row {number} is no object")
        yield row


def _csv_rows(source: _Counted, form: CsvForm, head: bytes) -> Iterator[Row]:
    """Lines below a header that names the columns."""
    text = _lines(source, form.encoding)
    delimiter = form.delimiter or _delimiter(head, form.encoding)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    header = [name.strip() for name in next(reader, [])]
    if not all(header) or len(set(header)) != len(header):
        raise DamagedFile("the first line does not name every column once")
    for values in reader:
        source.row_came()
        if not values:
            continue
        if len(values) != len(header):
            raise DamagedFile(f"line {reader.line_num} has {len(values)} values where there are {len(header)} columns")
        yield dict(zip(header, values, strict=True))


def _lines(source: _Counted, encoding: str) -> Iterator[str]:
    """Lines with their ends, read in blocks. Only a line feed ends one: other separators may stand inside a text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    rest = ""
    while block := source.read():
        *whole, rest = (rest + decoder.decode(block)).split("\n")
        yield from (f"{line}\n" for line in whole)
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest


def _delimiter(head: bytes, encoding: str) -> str:
    """The delimiter of the header line: of the usual ones the most frequent."""
    line = head.decode(encoding, errors="replace").partition("\n")[0]
    return max(_DELIMITERS, key=line.count)
