"""The state file: a story goes on exactly where it stopped, and no file from elsewhere does anything."""

import ast
import base64
import hashlib
import io
import json
import os
import pickle
import stat
import subprocess
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from twins import demo_company, keep
from twins.clock import Clock
from twins.faults import FaultKind, FaultRule
from twins.http import LostAnswerError, Request, Response
from twins.keep import StateFileError, Story
from twins.outgoing import UnreachableError

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BASIC = "Basic " + base64.b64encode(b"demo-basware-client:demo-basware-secret").decode()
HOOK = {"url": "http://127.0.0.1:9/hook", "verifier_token": "verifier"}


@pytest.fixture
def story():
    """The demo company at noon, the clock stopped, with notifications to an address."""
    story = Story.begin(Clock(NOON, running=False), seed=5)
    story.quickbooks.panel.seed(demo_company.quickbooks_seed() | {"webhooks": HOOK})
    story.basware.panel.seed(demo_company.basware_seed())
    return story


@pytest.fixture
def again(tmp_path):
    """Puts a story away and takes it out again."""

    def through_a_file(story):
        path = tmp_path / "state"
        keep.save(story, path)
        return keep.load(path)

    return through_a_file


def quickbooks(story, method, path, token, body=b""):
    headers = [
        ("Authorization", f"Bearer {token}"),
        ("Accept", "application/json"),
        ("Content-Type", "application/json"),
    ]
    realm = demo_company.quickbooks_seed()["realm_id"]
    url = f"https://quickbooks.test/v3/company/{realm}/{path}"
    return story.quickbooks.handle(Request.build(method, url, headers, body))


def refreshed(story, value):
    keys = base64.b64encode(b"demo-quickbooks-client:demo-quickbooks-secret").decode()
    headers = [("Authorization", f"Basic {keys}"), ("Content-Type", "application/x-www-form-urlencoded")]
    body = f"grant_type=refresh_token&refresh_token={value}".encode()
    request = Request.build("POST", "https://quickbooks.test/oauth2/v1/tokens/bearer", headers, body)
    return story.quickbooks.handle(request)


def basware(story, method, path, authorization=BASIC, *, body=b"", form=False):
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    headers = [("Authorization", authorization), ("Content-Type", kind)]
    return story.basware.handle(Request.build(method, f"https://api.basware.com{path}", headers, body))


BILL = json.dumps(
    {
        "VendorRef": {"value": "101"},
        "DocNumber": "KEPT-1",
        "Line": [
            {
                "Amount": 12.5,
                "DetailType": "AccountBasedExpenseLineDetail",
                "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "51"}},
            }
        ],
    }
).encode()


def test_tokens_request_ids_and_sync_tokens_go_on(story, again):
    tokens = json.loads(refreshed(story, "RT1-demo-calloway-thorne").body)
    first = quickbooks(story, "POST", "bill?requestid=kept-1", tokens["access_token"], BILL)
    assert first.status == 200, first.body
    kept = again(story)

    repeated = quickbooks(kept, "POST", "bill?requestid=kept-1", tokens["access_token"], BILL)
    assert repeated.body == first.body
    bill = json.loads(first.body)["Bill"]
    assert len([row for row in kept.quickbooks.panel.documents("") if row.number == "KEPT-1"]) == 1
    change = json.dumps({"Id": bill["Id"], "SyncToken": "7", "sparse": True, "PrivateNote": "x"}).encode()
    stale = quickbooks(kept, "POST", "bill", tokens["access_token"], change)
    assert b'"5010"' in stale.body
    assert json.loads(refreshed(kept, tokens["refresh_token"]).body)["refresh_token"] == tokens["refresh_token"]
    kept.clock.advance(3_601)
    assert quickbooks(kept, "GET", f"bill/{bill['Id']}", tokens["access_token"]).status == 401


def test_baswares_tokens_and_half_read_lists_go_on(story, again):
    story.basware.panel.switches.redirect = "never"
    body = b"grant_type=client_credentials&scope=accountingDocuments.read+accountingDocuments.write"
    token = json.loads(basware(story, "POST", "/v1/tokens", body=body, form=True).body)["access_token"]
    page = basware(story, "GET", "/v1/accountingDocuments?pageSize=40", f"Bearer {token}")
    kept = again(story)

    continuation = ("x-amz-meta-continuationtoken", page.headers["x-amz-meta-continuationtoken"])
    headers = [("Authorization", f"Bearer {token}"), continuation]
    url = "https://api.basware.com/v1/accountingDocuments?pageSize=40"
    rest = [json.loads(each.basware.handle(Request.build("GET", url, headers, b"")).body) for each in (story, kept)]
    assert rest[0] == rest[1]
    total = len(demo_company.basware_seed()["accountingDocuments"])
    assert len(rest[1]["accountingDocuments"]) == total - 40
    some = rest[1]["accountingDocuments"][0]["invoiceId"]
    assert basware(kept, "POST", f"/v1/accountingDocuments/{some}/acknowledge", f"Bearer {token}").status == 200
    assert basware(kept, "POST", f"/v1/accountingDocuments/{some}/acknowledge", f"Bearer {token}").status == 405


def test_notifications_that_wait_go_on_being_repeated(story, again):
    story.quickbooks.panel.act("", "rename", {"entity": "Vendor", "id": "101", "name": "Renamed"})
    outbox = story.company_books.outbox

    def nobody(_):
        raise UnreachableError("nobody there")

    [failed] = outbox.deliver_due(nobody)
    kept = again(story)
    sent = []
    assert kept.company_books.outbox.deliver_due(lambda request: sent.append(request) or Response(200)) == []
    assert kept.company_books.outbox.next_due == failed.next_due
    kept.clock.advance(10)
    [attempt] = kept.company_books.outbox.deliver_due(lambda request: sent.append(request) or Response(200))
    assert (attempt.delivery, attempt.attempt, attempt.accepted) == (failed.delivery, 2, True)
    kept.quickbooks.panel.act("", "rename", {"entity": "Vendor", "id": "102", "name": "Heard of too"})
    assert len(kept.company_books.outbox.deliver_due(lambda _: Response(200))) == 1, "the books still announce"


def test_switches_faults_and_the_record_go_on(story, again):
    name = story.basware.faults.add(FaultRule(kind=FaultKind.LOST_AFTER, times=2, lasts=60, path="companies"))
    story.basware.panel.switches.bare_lists = True
    with pytest.raises(LostAnswerError):
        basware(story, "GET", "/v1/companies")
    kept = again(story)

    with pytest.raises(LostAnswerError):
        basware(kept, "GET", "/v1/companies")
    assert kept.basware.faults.hits(name) == 2
    assert kept.basware.panel.switches.bare_lists is True
    kept.basware.panel.switches.request_bytes = 10
    assert basware(kept, "POST", "/v1/vendors", body=b"[" + b" " * 20 + b"]").status == 413, (
        "the twin has the same switches"
    )
    assert [(one.number, one.committed) for one in kept.basware.recorder.exchanges][:2] == [(1, True), (2, True)]
    assert kept.basware.panel.credentials() == story.basware.panel.credentials()


@pytest.mark.parametrize("state", ["stopped", "scaled"])
def test_the_clock_of_both_twins_goes_on(tmp_path, state):
    story = Story.begin(Clock(NOON, running=state == "scaled", scale=1.0))
    if state == "scaled":
        story.clock.run(scale=2.0)
    keep.save(story, tmp_path / "state")
    kept = keep.load(tmp_path / "state")
    assert (kept.clock.running, kept.clock.scale) == (story.clock.running, story.clock.scale)
    assert timedelta(0) <= kept.clock.now() - NOON < timedelta(minutes=10)
    kept.clock.stop()
    kept.clock.set(NOON + timedelta(days=3))
    for twin in (kept.quickbooks, kept.basware):
        assert twin.clock is kept.clock
    assert kept.company_books.clock.now() == kept.regions.at(kept.regions.main).clock.now() == NOON + timedelta(days=3)


def test_a_kept_story_equals_the_one_put_away_in_all_its_books(story, again):
    kept = again(story)
    assert kept.quickbooks.panel.books("") == story.quickbooks.panel.books("")
    assert kept.basware.panel.books("") == story.basware.panel.books("")
    assert (kept.quickbooks.panel.check(""), kept.basware.panel.check("")) == ([], [])
    assert kept.quickbooks.panel.ledger("") == story.quickbooks.panel.ledger("")


def test_the_file_is_replaced_whole_and_only_its_owner_reads_it(story, tmp_path, monkeypatch):
    path = tmp_path / "state"
    path.write_bytes(b"older")
    size = keep.save(story, path)
    assert path.stat().st_size == size
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    whole = path.read_bytes()

    def full(_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        keep.save(story, path)
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (whole, [path])


def test_the_file_changes_its_mark_with_everything_that_may_matter(story):
    marks = [story.mark]

    def note():
        marks.append(story.mark)

    basware(story, "GET", "/v1/companies")
    note()
    story.clock.advance(1)
    note()
    url = "http://127.0.0.1:1/_twin/faults"
    story.quickbooks.handle(Request.build("POST", url, (), b'{"kind":"slow"}'))
    note()
    story.quickbooks.panel.act("", "rename", {"entity": "Vendor", "id": "101", "name": "Renamed"})
    story.company_books.outbox.deliver_due(lambda _: Response(200))
    note()
    assert len(set(map(repr, marks))) == len(marks)
    story.quickbooks.handle(Request.build("GET", "http://127.0.0.1:1/_twin/state", (), b""))
    assert story.mark == marks[-1], "looking changes nothing"


# Files that are no state


def written(path, content, **header):
    """A file with an honest header around any content."""
    head = {"format": keep.FORMAT, "version": keep.version(), "sha256": hashlib.sha256(content).hexdigest()} | header
    path.write_bytes(b"twins state file\n" + json.dumps(head).encode() + b"\n" + content)
    return path


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not a state file"),
        (b"PK\x03\x04 something else", "not a state file"),
        (b"twins state file\n{broken\n", "not a state file"),
        (b"twins state file\n[]\n", "not a state file"),
        (b'twins state file\n{"format": 99}\n', "another version"),
    ],
)
def test_a_file_that_is_not_ours_is_refused(tmp_path, content, told):
    path = tmp_path / "state"
    path.write_bytes(content)
    with pytest.raises(StateFileError, match=told):
        keep.load(path)


def test_a_file_of_another_version_or_a_damaged_one_is_refused(story, tmp_path):
    path = tmp_path / "state"
    keep.save(story, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(StateFileError, match="damaged"):
        keep.load(path)
    path.write_bytes(whole.replace(keep.version().encode(), b"0" * 16, 1))
    with pytest.raises(StateFileError, match="another version"):
        keep.load(path)
    written(path, pickle.dumps((1, 2, 3)))
    with pytest.raises(StateFileError, match="something else"):
        keep.load(path)
    written(path, pickle.dumps((Clock(NOON, running=False),) * 3))
    with pytest.raises(StateFileError, match="something else"):
        keep.load(path)
    written(path, b"no pickle at all")
    with pytest.raises(StateFileError, match="no state"):
        keep.load(path)


class Calls:
    """Pickles as a call of something."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def raw(module, name, argument):
    """A pickle that calls `module.name(argument)`, whether or not there is such a thing here."""
    return f"c{module}\n{name}\n(V{argument}\ntR.".encode()


@pytest.mark.parametrize(
    "attack",
    [
        lambda mark: pickle.dumps(Calls(os.system, f"touch {mark}")),
        lambda mark: pickle.dumps(Calls(subprocess.check_call, ["touch", str(mark)])),
        lambda mark: pickle.dumps(Calls(eval, f"open({str(mark)!r}, 'w')")),
        lambda mark: pickle.dumps(Calls(open, str(mark), "w")),
        lambda mark: raw("posix", "system", f"touch {mark}"),
        lambda mark: raw("builtins", "__import__", "os"),
        lambda mark: raw("twins.clock", "Callable", "x"),
        lambda mark: raw("twins.clock", "datetime.now", "x"),
        lambda mark: raw("twins.keep", "load", str(mark)),
        lambda mark: raw("twins.commands.app", "main", "serve"),
        lambda mark: raw("twins.quickbooks.sign_in.pages", "_page", "x"),
        lambda mark: raw("twins.serve", "TwinServer", "x"),
        lambda mark: raw("twins.basware.no_such_module", "anything", "x"),
        lambda mark: pickle.dumps(Calls(getattr, Clock, "__init__")),
        lambda mark: pickle.dumps(Calls(getattr, "text", "format")),
        lambda mark: pickle.dumps(Calls(getattr, Clock(NOON, running=False), "__class__")),
        lambda mark: pickle.dumps(Calls(getattr, OrderedDict(), "update")),
    ],
)
def test_a_malicious_file_is_refused_and_nothing_of_it_is_executed(tmp_path, attack):
    mark, path = tmp_path / "executed", tmp_path / "state"
    with pytest.raises(StateFileError):
        keep.load(written(path, attack(mark)))
    assert not mark.exists()


def test_a_member_of_an_enumeration_is_read_the_way_older_pythons_stored_it():
    """Until 3.11.4 Python stored one as an attribute of its class; nothing else of the class is to be had that way."""

    def stored(name):
        return pickle.dumps(Calls(getattr, FaultKind, name))

    assert keep._Reader(io.BytesIO(stored("TRUNCATED"))).load() is FaultKind.TRUNCATED
    for name in ("__class__", "mro", "NEVER_HEARD_OF"):
        with pytest.raises(pickle.UnpicklingError):
            keep._Reader(io.BytesIO(stored(name))).load()


def test_the_same_attacks_would_work_on_anybody_who_reads_pickles_as_they_are(tmp_path):
    """Otherwise the test above could not fail."""
    mark = tmp_path / "executed"
    pickle.loads(pickle.dumps(Calls(os.system, f"touch {mark}")))
    assert mark.exists()


REACHING_OUT = {
    "builtins", "code", "ctypes", "ftplib", "glob", "http.client", "httpx2", "importlib", "jinja2", "marshal", "multiprocessing",
    "os", "pathlib", "pickle", "requests", "runpy", "shutil", "smtplib", "socket", "subprocess", "sys", "tempfile", "threading",
    "urllib.request",
}  # fmt: skip


def test_nothing_that_a_state_may_name_can_open_files_sockets_or_processes():
    seen = 0
    root = Path(keep.__file__).parents[1]
    for source in keep._sources():
        if ".".join(source.relative_to(root).with_suffix("").parts) in keep.APART:
            continue
        tree = ast.parse(source.read_text(encoding="utf-8"))
        modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        called = {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not modules & REACHING_OUT, source
        assert not called & {"open", "eval", "exec", "compile", "__import__"}, source
        seen += 1
    assert seen > 50
