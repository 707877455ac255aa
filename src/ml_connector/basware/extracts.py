"""The calls of Basware's Data Access: which extracts there are, their files, the table definition; and fetching a file to disk.

Source: Basware Data Extract specification. Files are not read here; `extract_files.py` does that.
"""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx2
import msgspec

from ml_connector.basware.auth import Authorization
from ml_connector.basware.errors import Refused, UnreadablePage
from ml_connector.basware.exchange import Exchange, OnCall, Reply
from ml_connector.basware.extract_downloads import Downloads
from ml_connector.basware.hosts import KnownHosts
from ml_connector.basware.pauses import Pauses
from ml_connector.model.clock import Clock

T = TypeVar("T")

WAITING, EXPORTED = "WaitingForExport", "Exported"
_ROOT = "/v1/dataExtracts"
_WRITTEN = "%d/%m/%Y, %H:%M:%S"  # Data Extract specification: no zone
_LONGEST = 200


class Extract(msgspec.Struct, frozen=True, kw_only=True):
    """One extract. `kind` is Initial, Delta or DateRange, or a word we do not know; `start` and `end` are Basware's own texts.

    `as_of` is its end as an instant: its rows show how things stood then. None when the text cannot be read.
    """

    id: str
    kind: str
    name: str
    start: str
    end: str
    as_of: datetime | None
    file_count: int


class ExtractFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of an extract, with at most 100 000 rows of one table."""

    table: str
    name: str
    url: str = msgspec.field(default="")

    def __repr__(self) -> str:
        return f"ExtractFile(table={self.table!r}, name={self.name!r})"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the table definition: tables that went, and columns that came and went, by table."""

    version: str
    removed_tables: tuple[str, ...] = ()
    columns: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}


class _ExtractOnWire(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    type: str
    start_date: str | None = None
    end_date: str | None = None
    file_count: int | None = None
    extract_name: str | None = None


class _FileOnWire(msgspec.Struct, frozen=True, rename="camel"):
    table_name: str
    file_name: str
    download_url: str


class _ColumnOnWire(msgspec.Struct, frozen=True):
    name: str = msgspec.field(name="Column name")


class _TableOnWire(msgspec.Struct, frozen=True):
    name: str = msgspec.field(name="Table name")
    columns: list[_ColumnOnWire] | None = msgspec.field(name="Columns", default=None)


class _ColumnsOnWire(msgspec.Struct, frozen=True):
    added: list[str] | None = msgspec.field(name="Added columns", default=None)
    removed: list[str] | None = msgspec.field(name="Removed columns", default=None)


class _ChangeOnWire(msgspec.Struct, frozen=True):
    version: str | float = msgspec.field(name="Version")
    removed: list[str] | None = msgspec.field(name="Removed tables", default=None)
    columns: dict[str, _ColumnsOnWire] | None = msgspec.field(name="Column changes", default=None)


class ExtractsClient:
    """Data Access of one tenant. Every call raises the errors of `errors.py`."""

    def __init__(
        self,
        http: httpx2.Client,
        *,
        base_url: str,
        authorization: Authorization,
        clock: Clock,
        timezone: tzinfo = UTC,
        on_call: OnCall | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        self._exchange = Exchange(
            http, base_url=base_url, authorization=authorization, clock=clock, on_call=on_call, pauses=pauses
        )
        self._downloads = Downloads(
            http, hosts=KnownHosts(base_url), authorization=authorization, clock=clock, on_call=on_call, pauses=pauses
        )
        self._timezone = timezone

    def waiting(self) -> tuple[Extract, ...]:
        """Extracts that nobody acknowledged yet, in Basware's order. Raises UnreadablePage."""
        return self._listed(WAITING)

    def exported(self) -> tuple[Extract, ...]:
        """Extracts that were acknowledged, which Basware keeps for a year (Data Access manual). Raises UnreadablePage."""
        return self._listed(EXPORTED)

    def _listed(self, status: str) -> tuple[Extract, ...]:
        reply = self._exchange.get(_ROOT, params={"processingStatus": status})
        return tuple(
            Extract(
                id=_short(one.id), kind=_short(one.type), name=_short(one.extract_name or ""),
                start=_short(one.start_date or ""), end=_short(one.end_date or ""),
                as_of=self._instant(one.end_date or ""), file_count=one.file_count or 0,
            )
            for one in _read(reply, list[_ExtractOnWire], "extracts")
        )  # fmt: skip

    def files(self, extract_id: str) -> tuple[ExtractFile, ...]:
        """The files of an extract. Raises UnreadablePage, and Refused when there is no such extract any more."""
        reply = self._exchange.get(f"{_ROOT}/{quote(extract_id, safe='')}")
        if reply.status == 404:
            raise Refused("Basware has no such extract (any more).", status=404, request_id=reply.request_id)
        listed = _read(reply, list[_FileOnWire], "files of an extract")
        return tuple(
            ExtractFile(table=_short(one.table_name), name=_short(one.file_name), url=one.download_url)
            for one in listed
        )

    def fetch(self, file: ExtractFile, target: Path, *, largest: int, watch: Callable[[int], None]) -> str:
        """Stream a file to `target`, which is overwritten; its SHA-256. `watch` is told the bytes so far, now and then.

        Counts as one of the five downloads Basware allows. Raises TooLarge, AddressRefused, Refused when Basware does not give it
        (any more), Unavailable when it broke off; a part of it may lie in `target` then.
        """
        return self._downloads.fetch(file.url, target, largest=largest, watch=watch, digest=sha256())

    def acknowledge(self, extract_id: str) -> None:
        """Say that an extract was loaded, so that it is not offered again. Saying it twice is saying it once.

        Raises Refused when Basware says no, NoAnswer when nobody knows.
        """
        reply = self._exchange.post(f"{_ROOT}/{quote(extract_id, safe='')}/acknowledge")
        told = _read(reply, dict[str, Any], "acknowledgement") if reply.body.strip() else {}
        if told.get("succeeded") is False:
            text = f"Basware did not take the acknowledgement: {str(told.get('message', ''))[:_LONGEST]}"
            raise Refused(text, status=reply.status, request_id=reply.request_id)

    def columns(self) -> dict[str, frozenset[str]]:
        """The columns of every table, by the definition Basware publishes to this tenant. Empty when it publishes none."""
        reply = self._exchange.get(f"{_ROOT}/specification/tableDefinition")
        tables = _read(reply, list[_TableOnWire], "table definition")
        return {table.name: frozenset(column.name for column in table.columns or ()) for table in tables}

    def changes(self) -> tuple[Change, ...]:
        """The history of the definition, in Basware's order."""
        reply = self._exchange.get(f"{_ROOT}/specification/tableDefinition/changeLog")
        return tuple(
            Change(
                version=str(one.version)[:_LONGEST],
                removed_tables=tuple(one.removed or ()),
                columns={
                    table: (tuple(change.added or ()), tuple(change.removed or ()))
                    for table, change in (one.columns or {}).items()
                },
            )
            for one in _read(reply, list[_ChangeOnWire], "change log")
        )

    def _instant(self, text: str) -> datetime | None:
        try:
            return datetime.strptime(text.strip(), _WRITTEN).replace(tzinfo=self._timezone).astimezone(UTC)
        except (ValueError, OverflowError):
            return None


def _read(reply: Reply, kind: type[T], what: str) -> T:
    """The answer as a bare list or object; a 404 is an empty one."""
    body = b"[]" if reply.status == 404 else reply.body.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = f"Basware's answer cannot be read as {what}: {error}."
        raise UnreadablePage(text, body=reply.body, continuation="", request_id=reply.request_id) from error


def _short(text: str) -> str:
    """A text that can be a key and be shown."""
    return "".join(char for char in text if char.isprintable()).strip()[:_LONGEST]
