"""One file of an extract: fetched once, kept until it is loaded, loaded in portions.

A download counts with Basware, which allows five of a file, so what lies in the spool is never fetched again unless it is damaged.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from ml_connector.basware.errors import AddressRefused, Refused, TooLarge
from ml_connector.basware.extract_files import CsvForm, DamagedFile, ReadLimits, Row, check_file, rows_of
from ml_connector.basware.extracts import ExtractFile, ExtractsClient
from ml_connector.store import extracts as store
from ml_connector.store.columns import KEY_LIMIT, to_json
from ml_connector.store.extracts import ExtractFileRow, ExtractRow
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.spool import Spool, digest_of


class NotLoaded(Exception):  # noqa: N818  named as what it is
    """An extract cannot be loaded for a reason of its own; the text says why and what to do."""


def fetch(desk: Desk, client: ExtractsClient, extract: ExtractRow, file: ExtractFile, spool: Spool) -> Path:
    """The whole file on disk, as it lies there already or else fetched. Raises NotLoaded and what the client raises."""
    path = spool.path(extract.extract_id, file.name)
    row = _row(desk, extract, file)
    if path.is_file():
        digest = digest_of(path)
        if row.digest in {digest, ""}:
            if not row.digest:  # the process died between giving the file its name and noting it
                _note_fetched(desk, extract, file, path, digest)
            return path
        path.unlink()
    own = desk.settings.basware.extracts
    if row.downloads >= own.most_downloads:
        raise NotLoaded(
            f"The file {file.name} was fetched {row.downloads} times and is not here whole. Basware allows five downloads; "
            "raise most_downloads for the last one, or order a new extract"
        )
    room = min(own.largest_file, own.spool_limit - spool.used())
    if room <= 0:
        raise NotLoaded("The spool folder is full. Free disk space there or raise spool_limit")
    with desk.write(durable=True) as tx:
        store.note_download(tx, desk.connection_id, extract.extract_id, file.name)
    try:
        part = spool.part(extract.extract_id, file.name)
        digest = client.fetch(file, part, largest=room, watch=lambda size: _watch(desk, file, size))
        path = spool.keep(part)
    except (Refused, TooLarge, AddressRefused) as error:
        raise NotLoaded(f"The file {file.name} could not be fetched: {str(error).rstrip('.')}") from error
    except OSError as error:
        raise NotLoaded(f"The file {file.name} could not be written to the spool folder: {error.strerror}") from error
    _note_fetched(desk, extract, file, path, digest)
    return path


def load(desk: Desk, extract: ExtractRow, file: ExtractFile, path: Path) -> int:
    """Store the rows of a file in portions; how many rows had no key and were left out. Raises NotLoaded.

    Loading again what was stored before changes nothing.
    """
    own = desk.settings.basware.extracts
    limits = ReadLimits(unpacked=own.largest_unpacked, row=own.largest_row)
    form = CsvForm(encoding=own.csv_encoding, delimiter=own.csv_delimiter)
    keys, stored, keyless = own.keys[file.table], 0, 0
    try:
        check_file(path, limits)  # rows of a file that turns out cut short at its end are not to be trusted
        for portion in _portions(rows_of(path, limits, form), own.portion):
            desk.keep_lease()
            keyed = [(key, to_json(row)) for row in portion if (key := _key(row, keys))]
            keyless += len(portion) - len(keyed)
            stored += len(keyed)
            _store(desk, extract, file, keyed)
            desk.watch(f"loading {file.table}", stored, 0)
    except DamagedFile as error:
        path.unlink(missing_ok=True)
        raise NotLoaded(f"The file {file.name} cannot be read: {error}. It is fetched again") from error
    if keyless and not stored:
        raise NotLoaded(
            f"No row of the file {file.name} has a value in {keys[0]}. Compare the columns of {file.table} with Basware's table "
            "definition and correct keys in [basware.extracts]"
        )
    with desk.write(durable=True) as tx:
        store.note_loaded(tx, desk.connection_id, extract.extract_id, file.name, rows=stored, now=desk.clock.now())
    return keyless


def _row(desk: Desk, extract: ExtractRow, file: ExtractFile) -> ExtractFileRow:
    with desk.write() as tx:
        store.add_file(tx, desk.connection_id, extract.extract_id, file.name, file.table)
        row = store.get_file(tx, desk.connection_id, extract.extract_id, file.name)
    if row is None:
        raise AssertionError(f"the file {file.name} was added just now")  # pragma: no cover
    return row


def _note_fetched(desk: Desk, extract: ExtractRow, file: ExtractFile, path: Path, digest: str) -> None:
    with desk.write(durable=True) as tx:
        store.note_fetched(
            tx, desk.connection_id, extract.extract_id, file.name, size=path.stat().st_size, digest=digest
        )


def _watch(desk: Desk, file: ExtractFile, size: int) -> None:
    desk.keep_lease()
    desk.watch(f"fetching {file.name}", size, 0)


def _portions(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    portion: list[Row] = []
    for row in rows:
        portion.append(row)
        if len(portion) >= size:
            yield portion
            portion = []
    if portion:
        yield portion


def _key(row: Row, columns: Sequence[str]) -> str:
    """What tells a row apart: its key columns as a JSON list of texts, so that 1 and "1" are the same. Empty without the first."""
    values = [_text(row.get(column)) for column in columns]
    key = msgspec.json.encode(values).decode() if values[0] else ""
    return key if len(key) <= KEY_LIMIT else ""


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _store(desk: Desk, extract: ExtractRow, file: ExtractFile, rows: list[tuple[str, str]]) -> None:
    if extract.as_of is None:
        raise NotLoaded("The extract names no moment that it shows")
    with desk.write() as tx:
        store.put_rows(
            tx, desk.connection_id, file.table, rows, extract_id=extract.extract_id, as_of=extract.as_of,
            now=desk.clock.now(),
        )  # fmt: skip
