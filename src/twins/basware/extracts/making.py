"""Makes an extract: which records go in, and how its files are written.

A file holds at most 100 000 records, compressed, as JSON or CSV, whichever was agreed for the tenant (Data Access manual).
"""

import csv
import gzip
import io
from datetime import datetime
from typing import Any

from twins.basware.extracts.shelf import BEGINNING, Extract, ExtractFile, Form, Kind
from twins.basware.extracts.tables import TABLES
from twins.basware.state import Tenant
from twins.basware.values import encode, stamp

MOST_RECORDS = 100_000


def make(
    tenant: Tenant, extract_id: str, now: datetime, form: Form, span: tuple[datetime, datetime] | None = None
) -> Extract:
    """Make an extract of all tables and put it on the tenant's shelf.

    The first one is Initial and holds everything, later ones what changed since; `span` makes one of a date range.
    Raises ValueError for a span that ends before it begins.
    """
    since = tenant.extracts.last_end
    kind: Kind = "DateRange" if span else "Delta" if since else "Initial"
    start, end = span or (since or BEGINNING, now)
    if end < start:
        raise ValueError(f"an extract cannot end at {stamp(end)} before it begins at {stamp(start)}")
    files = {each.name: each for each in _files(tenant, start, end, form)}
    extract = Extract(extract_id, kind, start, end, now, files)
    tenant.extracts.made[extract_id] = extract
    return extract


def _files(tenant: Tenant, start: datetime, end: datetime, form: Form) -> list[ExtractFile]:
    found: list[ExtractFile] = []
    for table in TABLES:
        rows = [values for updated, values in table.rows(tenant) if start <= updated <= end]
        columns = [column.name for column in table.columns]
        for number, first in enumerate(range(0, len(rows), MOST_RECORDS), 1):
            part = rows[first : first + MOST_RECORDS]
            text = encode(part) if form == "json" else _csv(columns, part)
            name = f"{table.name}_{number:04d}.{form}.gz"
            found.append(ExtractFile(table.name, name, gzip.compress(text, mtime=0)))
    return found


def _csv(columns: list[str], rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
