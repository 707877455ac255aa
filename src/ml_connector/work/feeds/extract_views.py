"""What people are shown of Data Access extracts. Read only; the shapes are those of `--json`."""

from datetime import datetime

import msgspec

from ml_connector.store import extracts
from ml_connector.store.extracts import ExtractRow
from ml_connector.work.desk import Desk


class ExtractLine(msgspec.Struct, frozen=True, kw_only=True):
    """One extract in a list. `start` and `end` are as Basware writes them, `as_of` is the end in UTC."""

    extract_id: str
    name: str
    kind: str
    start: str
    end: str
    as_of: datetime | None
    state: str
    files: int
    rows: int
    problem: str


class ExtractFileLine(msgspec.Struct, frozen=True, kw_only=True):
    """One file of an extract. `downloads`: how often it was asked for, of the five times Basware allows."""

    file_name: str
    table: str
    downloads: int
    size: int
    digest: str
    rows: int
    loaded_at: datetime | None


class ExtractView(msgspec.Struct, frozen=True, kw_only=True):
    """One extract in full."""

    extract: ExtractLine
    files: tuple[ExtractFileLine, ...]


def extract_lines(desk: Desk, *, limit: int = 100) -> list[ExtractLine]:
    """Extracts, the latest first."""
    with desk.database.read() as tx:
        return [_line(row) for row in extracts.listing(tx, desk.connection_id, limit=limit)]


def extract_view(desk: Desk, extract_id: str) -> ExtractView | None:
    """One extract with its files, None if there is none of that id."""
    with desk.database.read() as tx:
        row = extracts.get(tx, desk.connection_id, extract_id)
        if row is None:
            return None
        files = extracts.files_of(tx, desk.connection_id, extract_id)
    shown = tuple(
        ExtractFileLine(
            file_name=one.file_name, table=one.table_name, downloads=one.downloads, size=one.size, digest=one.digest,
            rows=one.rows, loaded_at=one.loaded_at,
        )
        for one in files
    )  # fmt: skip
    return ExtractView(extract=_line(row), files=shown)


def _line(row: ExtractRow) -> ExtractLine:
    return ExtractLine(
        extract_id=row.extract_id, name=row.name, kind=row.kind, start=row.start_date, end=row.end_date,
        as_of=row.as_of, state=row.state.value, files=row.files, rows=row.rows, problem=row.problem,
    )  # fmt: skip
