"""Data Access extracts are fetched once, loaded in portions and acknowledged after that, whatever goes wrong on the way."""

import gzip
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from feed_scenes import open_alerts, with_feeds
from ml_connector.basware.errors import Unavailable
from ml_connector.store import extracts as store
from ml_connector.store.schema import ExtractState
from ml_connector.work.feed_settings import ExtractsSettings, SupplierColumns
from ml_connector.work.feeds.extract_columns import CHANGE_ALERT, COLUMNS_ALERT
from ml_connector.work.feeds.extracts import ALERT, KEYLESS_ALERT, load_extracts
from ml_connector.work.feeds.suppliers import TABLE, suppliers
from twins.basware.extracts import tables
from twins.basware.extracts.shelf import Extract, ExtractFile
from twins.faults import FaultKind, FaultRule
from world import World

VENDOR = {"vendorCode": "V-9", "name": "Typed In Ltd", "companies": [{"companyCode": "US10"}]}


def load(world: World) -> dict[str, int]:
    return load_extracts(world.desk()).counts


def shelf(world: World) -> dict[str, Extract]:
    [tenant] = world.basware._world.tenants.values()
    return tenant.extracts.made


def only(world: World) -> Extract:
    [one] = shelf(world).values()
    return one


def order(world: World, content: dict[str, bytes] | None = None) -> Extract:
    """A fresh extract of everything; `content` replaces its files by table."""
    world.clock.advance(3600)
    made = shelf(world)[world.basware.act("extract")]
    if content is not None:
        made.files = {f"{table}_0001": ExtractFile(table, f"{table}_0001", body) for table, body in content.items()}
    return made


def rows(world: World, table: str) -> dict[str, dict[str, Any]]:
    with world.database.read() as tx:
        return {one.key: msgspec.json.decode(one.payload) for one in store.rows_of(tx, world.connection_id, table)}


def state(world: World, extract: Extract) -> ExtractState:
    with world.database.read() as tx:
        row = store.get(tx, world.connection_id, extract.id)
    assert row is not None
    return row.state


def settings(world: World, **changes: Any) -> None:
    known = world.desk().settings.basware.extracts
    with_feeds(world, extracts=msgspec.structs.replace(known, **changes))


def spooled(world: World) -> list[Path]:
    return [path for path in world.desk().spool.rglob("*") if path.is_file()]


@pytest.fixture
def world(world: World) -> World:
    world.basware.switches.extract_every_hours = None
    return world


def test_an_extract_is_loaded_acknowledged_and_its_files_removed(world: World) -> None:
    world.basware.act("add_vendor", vendor=VENDOR)
    extract = order(world)

    counts = load(world)

    assert (counts["loaded"], counts["failed"]) == (1, 0)
    assert extract.exported
    assert state(world, extract) is ExtractState.ACKNOWLEDGED
    assert spooled(world) == []
    assert {one.fetched for one in extract.files.values() if one.table == TABLE} == {1}
    assert {one.fetched for one in extract.files.values() if one.table == "IA_ACTION_LOG"} <= {0}
    with world.database.read() as tx:
        typed_in = [one for one in suppliers(tx, world.connection_id) if one.code == "V-9"]
    assert [(one.name, one.origin, one.organization, one.active) for one in typed_in] == [
        ("Typed In Ltd", "MANUAL", "US10", True)
    ]


def test_a_delta_adds_and_changes_and_a_later_complete_one_takes_away_what_it_lacks(world: World) -> None:
    order(world, {TABLE: suppliers_file("A", "B")})
    load(world)
    delta = order(world, {TABLE: suppliers_file("B", "C", name="changed")})
    assert delta.kind == "Delta"
    load(world)
    assert {row["SUPPLIER_ID"]: row["SUPPLIER_NAME"] for row in rows(world, TABLE).values()} == {
        "A": "A", "B": "changed", "C": "changed",
    }  # fmt: skip
    again = order(world, {TABLE: suppliers_file("C")})
    again.kind = "Initial"
    load(world)
    assert [row["SUPPLIER_ID"] for row in rows(world, TABLE).values()] == ["C"]


def suppliers_file(*ids: str, name: str = "") -> bytes:
    listed = [{"SUPPLIER_NAME": name or one, "SUPPLIER_ID": one, "ORGANIZATION_CODE": "US10", "NEW": 1} for one in ids]
    return gzip.compress(msgspec.json.encode(listed), mtime=0)


def test_an_extract_that_could_not_be_loaded_in_time_takes_no_newer_row_back(world: World) -> None:
    order(world, {TABLE: suppliers_file("A")})
    load(world)
    late = order(world, {TABLE: b"\x1f\x8bdamaged"})
    newer = order(world, {TABLE: suppliers_file("A", name="newest")})
    load(world)
    assert (state(world, late), state(world, newer)) == (ExtractState.FAILED, ExtractState.ACKNOWLEDGED)
    late.files = {"x": ExtractFile(TABLE, "x", suppliers_file("A", "B", name="old"))}
    load(world)
    assert {row["SUPPLIER_ID"]: row["SUPPLIER_NAME"] for row in rows(world, TABLE).values()} == {
        "A": "newest", "B": "old",
    }  # fmt: skip
    assert late.exported


def test_what_a_later_complete_extract_lacks_does_not_come_back_with_an_older_one(world: World) -> None:
    older = order(world, {TABLE: b"\x1f\x8bdamaged"})
    complete = order(world, {TABLE: suppliers_file("A")})
    complete.kind = "Initial"
    load(world)
    older.files = {"x": ExtractFile(TABLE, "x", suppliers_file("GONE"))}
    load(world)
    assert older.exported
    assert [row["SUPPLIER_ID"] for row in rows(world, TABLE).values()] == ["A"]


CSV = 'SUPPLIER_NAME;SUPPLIER_ID;ORGANIZATION_CODE\r\n"Käse; ""fein""\nGmbH";A;US10\r\n\r\nB;B;\r\n'


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", content)
    return out.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, zipped, bytes], ids=["gzip", "zip", "plain"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_are_known_by_their_content_in_any_packing_and_encoding(
    world: World, pack: Callable[[bytes], bytes], encoding: str
) -> None:
    if encoding in {"utf-16", "cp1252"}:
        settings(world, csv_encoding=encoding)
    order(world, {TABLE: pack(CSV.encode(encoding))})
    assert load(world)["rows"] == 2
    assert rows(world, TABLE) == {
        '["A","US10"]': {"SUPPLIER_NAME": 'Käse; "fein"\nGmbH', "SUPPLIER_ID": "A", "ORGANIZATION_CODE": "US10"},
        '["B",""]': {"SUPPLIER_NAME": "B", "SUPPLIER_ID": "B", "ORGANIZATION_CODE": ""},
    }


def test_the_twins_own_csv_is_loaded_like_its_json(world: World) -> None:
    world.basware.act("add_vendor", vendor=VENDOR)
    order(world)
    load(world)
    from_json = rows(world, TABLE).keys()
    world.basware.switches.extract_form = "csv"
    order(world).kind = "Initial"
    load(world)
    assert rows(world, TABLE).keys() <= from_json


# damage and limits


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (suppliers_file("A")[:-6], "damaged"),
        (b"\x1f\x8b\x08\x00garbage", "damaged"),
        (b"PK\x03\x04garbage", "damaged"),
        (b'[{"SUPPLIER_ID": "A"}, {"SUPPLIER', "cannot be read"),
        (b"[1, 2]", "no object"),
        (b"A;B\n1;2;3\n", "3 values"),
        (b"A;A\n1;2\n", "every column once"),
        (b"[" + b" " * 1_300_000 + b"]", "a row has more than"),
        (gzip.compress(b'[{"SUPPLIER_ID": "A"}' + b" " * 4_000_000 + b"]", mtime=0), "when unpacked"),
    ],
)
def test_a_damaged_file_waits_with_its_reason_and_is_fetched_again_four_times_at_most(
    world: World, content: bytes, told: str
) -> None:
    settings(world, largest_unpacked=3_000_000)
    bad = order(world, {TABLE: content})
    good = order(world, {TABLE: suppliers_file("GOOD")})
    load(world)
    [alert] = open_alerts(world, ALERT)
    assert told in alert.message
    for _ in range(5):
        load(world)
    assert (bad.exported, good.exported) == (False, True)
    assert next(iter(bad.files.values())).fetched == 4
    assert "GOOD" in str(rows(world, TABLE))
    with world.database.read() as tx:
        row = store.get(tx, world.connection_id, bad.id)
    assert row is not None
    assert "was fetched 4 times" in row.problem
    assert [one.subject for one in open_alerts(world, ALERT)] == [bad.id]


def test_a_file_larger_than_the_limit_is_not_fetched_to_its_end(world: World) -> None:
    settings(world, largest_file=1000)
    order(world, {TABLE: bytes(range(256)) * 100})
    load(world)
    [alert] = open_alerts(world, ALERT)
    assert "at most 1000" in alert.message
    assert sum(path.stat().st_size for path in spooled(world)) <= 1000


def test_a_full_spool_folder_is_told_before_a_download_is_spent(world: World) -> None:
    settings(world, spool_limit=1)
    extract = order(world, {TABLE: suppliers_file("A"), "IA_INVOICE": suppliers_file("A")})
    load(world)
    assert sum(one.fetched for one in extract.files.values()) <= 1


@pytest.mark.parametrize("kind", [FaultKind.BROKEN_OFF, FaultKind.LOST_AFTER, FaultKind.STATUS])
def test_a_download_that_breaks_off_goes_on_at_the_same_address_and_counts_once(world: World, kind: FaultKind) -> None:
    extract = order(world, {TABLE: suppliers_file(*map(str, range(500)))})
    world.basware_faults.add(FaultRule(kind=kind, path="/download/", host="^downloads", status=503, times=1, nth=2))
    assert load(world)["rows"] == 500
    assert [one.fetched for one in extract.files.values()] == [1]


def test_an_address_that_ran_out_is_raised_and_the_next_run_asks_for_another(world: World) -> None:
    extract = order(world, {TABLE: suppliers_file("A")})
    other = order(world, {TABLE: suppliers_file("B")})
    world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, path="/download/", host="^downloads", status=403, nth=2))
    # the first redirected request reads the list of extracts' files or the file itself; whatever it strikes, nothing is lost
    try:
        load(world)
    except Unavailable:
        load(world)
    assert (extract.exported, other.exported) == (True, True)


def test_the_hosts_that_files_are_fetched_from_never_see_our_sign_in(world: World) -> None:
    seen: list[tuple[str, bool]] = []

    class Transport(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            seen.append((request.url.host, "authorization" in request.headers))
            return inner.handle_request(request)

    inner = world.transport
    world.restart(transport=Transport())
    order(world, {TABLE: suppliers_file("A")})
    load(world)
    assert ("downloads.basware.test", False) in seen
    assert ("downloads.basware.test", True) not in seen


# every step, cut off


class CrashError(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("at", range(1, 12))
def test_a_crash_at_any_request_is_made_good_and_no_file_is_fetched_more_than_needed(
    world: World, at: int, before: bool
) -> None:
    extract = order(world, {TABLE: suppliers_file("A"), "IA_INVOICE": gzip.compress(b'[{"INVOICE_ID": 7}]', mtime=0)})
    acknowledged: list[str] = []

    class Transport(httpx2.BaseTransport):
        count = 0

        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            self.count += 1
            if self.count == at and before:
                raise CrashError
            answer = inner.handle_request(request)
            acknowledged.extend([request.url.path] if request.url.path.endswith("/acknowledge") else [])
            if self.count == at:
                raise CrashError
            return answer

    inner = world.transport
    world.restart("doomed process", transport=Transport())
    with suppress(CrashError):
        load(world)
    world.restart("next process")
    load(world)

    assert extract.exported
    assert len(acknowledged) <= 1
    assert sorted(rows(world, "IA_INVOICE")) == ['["7"]']
    assert {one.fetched for one in extract.files.values()} <= {1, 2}
    assert sum(one.fetched for one in extract.files.values()) <= 3
    assert spooled(world) == []


def test_a_file_that_was_fetched_before_a_crash_is_not_fetched_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ml_connector.work.feeds import extracts as job

    extract = order(world, {TABLE: suppliers_file("A")})

    def dies(*_: object) -> int:
        raise CrashError

    with monkeypatch.context() as patched:
        patched.setattr(job, "load", dies)
        with pytest.raises(CrashError):
            load(world)
    world.restart("next process")
    assert load(world)["rows"] == 1
    assert next(iter(extract.files.values())).fetched == 1


@pytest.mark.parametrize("portions", [1, 2, 3])
def test_a_crash_between_two_portions_of_a_file_loses_no_row_and_doubles_none(
    world: World, monkeypatch: pytest.MonkeyPatch, portions: int
) -> None:
    from ml_connector.work.feeds import extract_files as files

    settings(world, portion=2)
    extract = order(world, {TABLE: suppliers_file(*"ABCDEFG")})
    store_portion, stored = files._store, list[int]()

    def dies_after_some(*given: Any) -> None:
        store_portion(*given)
        stored.append(1)
        if len(stored) == portions:
            raise CrashError

    with monkeypatch.context() as patched:
        patched.setattr(files, "_store", dies_after_some)
        with pytest.raises(CrashError):
            load(world)
    assert len(rows(world, TABLE)) == 2 * portions
    assert not extract.exported
    world.restart("next process")

    assert load(world)["rows"] == 7
    assert len(rows(world, TABLE)) == 7
    assert extract.exported
    assert next(iter(extract.files.values())).fetched == 1
    assert spooled(world) == []


def test_a_file_that_changed_in_the_spool_is_fetched_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from ml_connector.work.feeds import extracts as job

    extract = order(world, {TABLE: suppliers_file("A")})
    with monkeypatch.context() as patched:
        patched.setattr(job, "load", lambda *_: (_ for _ in ()).throw(CrashError()))
        with pytest.raises(CrashError):
            load(world)
    [path] = spooled(world)
    path.write_bytes(suppliers_file("FORGED"))
    load(world)
    assert [row["SUPPLIER_ID"] for row in rows(world, TABLE).values()] == ["A"]
    assert next(iter(extract.files.values())).fetched == 2


# columns


def test_a_key_column_that_was_renamed_is_told_and_nothing_is_loaded_or_acknowledged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(world, keys={**ExtractsSettings().keys, TABLE: ("SUPPLIER_ID", "UNIT_CODE")})
    extract = order(world, {TABLE: suppliers_file("A")})
    load(world)
    assert not extract.exported
    assert TABLE in [one.subject for one in open_alerts(world, COLUMNS_ALERT)]
    settings(world, keys=ExtractsSettings().keys)
    load(world)
    assert extract.exported
    assert TABLE not in [one.subject for one in open_alerts(world, COLUMNS_ALERT)]
    assert open_alerts(world, ALERT) == []


def test_rows_without_a_key_are_counted_and_told(world: World) -> None:
    order(world, {TABLE: gzip.compress(b'[{"SUPPLIER_ID": "A"}, {"SUPPLIER_ID": null}, {}]')})
    assert load(world)["rows"] == 1
    [alert] = open_alerts(world, KEYLESS_ALERT)
    assert alert.message.startswith("2 rows")

    delta = order(world, {TABLE: suppliers_file("B")})
    assert (delta.kind, load(world)["rows"]) == ("Delta", 1)
    assert len(open_alerts(world, KEYLESS_ALERT)) == 1
    order(world, {TABLE: suppliers_file("A", "B", "C")}).kind = "Initial"
    load(world)
    assert open_alerts(world, KEYLESS_ALERT) == []


def test_a_new_version_of_the_definition_that_takes_a_column_is_told_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(world)
    load(world)
    assert open_alerts(world, CHANGE_ALERT) == []
    from twins.basware.extracts import routes

    monkeypatch.setattr(routes, "CHANGES", (*tables.CHANGES, ("1.2", (), {})))
    monkeypatch.setattr(
        "ml_connector.basware.extracts.ExtractsClient.changes",
        lambda self: (_change("1.0"), _change("1.1"), _change("1.2", TABLE, "TAX_ID")),
    )
    order(world)
    load(world)
    [alert] = open_alerts(world, CHANGE_ALERT)
    assert "ADM_SUPPLIER.TAX_ID" in alert.message


def _change(version: str, table: str = "", gone: str = "") -> object:
    from ml_connector.basware.extracts import Change

    return Change(version=version, columns={table: ((), (gone,))} if table else {})


def test_a_list_of_files_that_is_not_complete_yet_waits(world: World) -> None:
    extract = order(world, {TABLE: suppliers_file("A"), "IA_INVOICE": gzip.compress(b"[]", mtime=0)})
    hidden = extract.files.pop("IA_INVOICE_0001")
    listed = [{"id": extract.id, "type": "Initial", "endDate": "20/11/2026, 13:00:00", "fileCount": 2}]
    told = msgspec.json.encode(listed).decode()
    world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, path="/v1/dataExtracts$", status=200, text=told))
    load(world)
    assert not extract.exported
    extract.files["IA_INVOICE_0001"] = hidden
    load(world)
    assert extract.exported


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_hundred_thousand_rows_are_loaded_in_little_memory(world: World) -> None:
    columns = ["SUPPLIER_ID", "ORGANIZATION_CODE", "SUPPLIER_NAME", "STREET"]
    listed = [dict(zip(columns, (f"S-{n}", "US10", f"Supplier {n}", "x" * 60), strict=True)) for n in range(100_000)]
    order(world, {TABLE: gzip.compress(msgspec.json.encode(listed), 1)})
    del listed
    tracemalloc.start()
    try:
        assert load(world)["rows"] == 100_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40_000_000
    with world.database.read() as tx:
        assert store.counts(tx, world.connection_id)[TABLE] == 100_000


def test_every_column_of_a_table_may_have_another_name_by_a_setting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {name: f"{name.upper()}_HERE" for name in SupplierColumns.__struct_fields__}
    definition = {TABLE: frozenset(names.values())}
    monkeypatch.setattr("ml_connector.basware.extracts.ExtractsClient.columns", lambda _client: definition)
    settings(world, suppliers=SupplierColumns(**names), keys={TABLE: ("ID_HERE", "ORGANIZATION_HERE")}, tables=(TABLE,))
    values = {name: f"some {name}" for name in names} | {"active": "0", "payment_denied": "1"}
    order(world, {TABLE: gzip.compress(msgspec.json.encode([{names[name]: values[name] for name in names}]))})

    load(world)

    with world.database.read() as tx:
        [one] = suppliers(tx, world.connection_id, world.desk().settings.basware.extracts.suppliers)
    assert msgspec.to_builtins(one) == values | {"active": False, "payment_denied": True}
