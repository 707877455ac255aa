"""The commands that ask running twins, as a person enters them: in this process, against a house of its own."""

import io
import json
import sys
from decimal import Decimal

import pytest

from twins import demo_company
from twins.basware.acts import ACTS
from twins.clock import Clock
from twins.commands.app import main
from twins.commands.running import leave_addresses
from twins.faults import FaultKind
from twins.house import House, Plan
from twins.http import LostAnswerError, Request
from twins.keep import Story
from twins.luck import Mishap


@pytest.fixture
def house(tmp_path, monkeypatch):
    """The demo company, found by its address file."""
    monkeypatch.setenv("TWINS", str(tmp_path / "twins.json"))
    story = Story.begin(Clock())
    story.clock.stop()
    story.quickbooks.panel.seed(demo_company.quickbooks_seed())
    story.basware.panel.seed(demo_company.basware_seed())
    with House(story, Plan(state=tmp_path / "state", save_every=3_600)) as house:
        leave_addresses(house.addresses())
        yield house


@pytest.fixture
def run(capsys):
    """Runs one command that is to succeed; returns what it printed."""

    def command(*words, code=0):
        capsys.readouterr()
        ended = main([str(word) for word in words])
        shown = capsys.readouterr()
        assert ended == code, shown.err
        return shown.err if code > 1 else shown.out

    return command


@pytest.fixture
def data(run):
    """Runs a command with --json; returns the one document it printed."""

    def command(*words, code=0):
        return json.loads(run(*words, "--json", code=code), parse_float=Decimal)

    return command


@pytest.mark.usefixtures("house")
def test_books_are_printed_of_one_twin_or_of_both(run, data):
    both = json.loads(run("books"))
    assert set(both) == {"quickbooks", "basware"}
    assert data("books", "basware") == data("books")["basware"]
    assert data("books", "quickbooks", "--company", demo_company.quickbooks_seed()["realm_id"])["Vendor"]


def test_a_twin_is_named_by_its_address_or_that_of_the_other(house, data, monkeypatch):
    found = house.addresses()
    assert "accountingDocuments" in data("books", "--url", found["basware"])
    assert "Vendor" in data("books", "quickbooks", "--url", found["basware"])
    monkeypatch.setenv("TWINS", found["basware"])
    assert set(data("vendors")) == {"quickbooks", "basware"}


@pytest.mark.usefixtures("house")
def test_documents_are_listed_for_people_and_for_programs(run, data):
    [bill] = data("documents", "quickbooks", "--number", "HS-7731")
    assert (bill["total"], bill["open"], bill["status"]) == (Decimal("1148.00"), Decimal("1148.00"), "open")
    table = run("documents", "--search", "hartwell", "--kind", "Bill")
    assert "1,148.00" in table
    assert "Hartwell & Sons Printing" in table
    assert len(data("documents", "basware", "--limit", "7")) == 7
    assert len(data("documents", "basware", "--limit", "0")) == len(demo_company.basware_seed()["accountingDocuments"])
    assert len(data("documents", "basware", "--status", "WaitingForTransfer", "--limit", "1000")) > 7
    [vendor] = data("vendors", "quickbooks", "--search", "hartwell")
    assert (vendor["balance"], "1,148.00" in run("vendors", "--search", "hartwell")) == (Decimal("1148.00"), True)


@pytest.mark.usefixtures("house")
def test_records_the_ledger_and_its_balances_are_shown(run, data):
    [bill] = data("documents", "quickbooks", "--number", "HS-7731")
    assert json.loads(run("show", "quickbooks", "Bill", bill["id"]))["DocNumber"] == "HS-7731"
    assert "no Bill 0" in run("show", "quickbooks", "Bill", "0", code=2)
    lines = data("ledger", "--document", f"Bill:{bill['id']}")
    assert sum(Decimal(line["debit"]) - Decimal(line["credit"]) for line in lines) == 0
    assert "1,148.00" in run("ledger", "--document", f"Bill:{bill['id']}")
    rows = data("ledger", "--balances")
    assert sum(row["debit"] for row in rows) == sum(row["credit"] for row in rows)
    assert "Accounts Payable" in run("ledger", "--balances")
    assert data("ledger", "basware") == []


def test_a_check_ends_with_one_when_something_is_wrong(house, run, data):
    assert "sound" in run("check")
    company = next(iter(house.story.company_books.companies.values()))
    company.vendor_balance["103"] += 5
    assert main(["check"]) == 1
    assert main(["check", "basware"]) == 0
    [texts] = data("check", "quickbooks", code=1).values()
    assert "103" in texts[0]


def test_requests_are_listed_and_one_is_shown_in_full(house, run, data):
    for path in ("/v1/companies?a=1", "/v1/vendors"):
        house.story.basware.handle(Request.build("GET", f"https://api.basware.com{path}", [], b""))
    assert [row["path"] for row in data("requests", "basware", "--status", "4xx")] == ["/v1/companies", "/v1/vendors"]
    assert [row["number"] for row in data("requests", "basware", "--last", "1")] == [2]
    table = run("requests", "--path", "companies")
    assert "/v1/companies?a=1" in table
    assert json.loads(run("requests", "basware", "--number", "2"))["path"] == "/v1/vendors"
    assert "kept are 1 to 2" in run("requests", "basware", "--number", "7", code=2).lower()
    assert data("calls", "basware")["requests"] == 2
    assert "unauthorized" in run("calls")
    run("requests", "--clear")
    assert data("requests") == {"quickbooks": [], "basware": []}


@pytest.mark.usefixtures("house")
def test_people_act_with_text_numbers_and_json(run, data, tmp_path):
    acts = data("act", "basware")
    assert set(ACTS) < {act["name"] for act in acts}
    assert "inactivate" in run("act")
    [bill] = data("documents", "quickbooks", "--number", "HS-7731")
    bank = next(row["id"] for row in data("ledger", "--balances") if row["type"] == "Bank")
    paid = json.loads(run("act", "quickbooks", "pay", f"id={bill['id']}", f"account={bank}", "amount=148.00"))
    assert paid["TotalAmt"] == 148
    [bill] = data("documents", "quickbooks", "--number", "HS-7731")
    assert (bill["open"], bill["status"]) == (1000, "partly paid")
    new = tmp_path / "invoice.json"
    new.write_text('{"invoiceNumber": "NEW-1", "grossSum": 5.10}')
    invoice = json.loads(run("act", "basware", "approve", f"document=@{new}"))
    [row] = data("documents", "basware", "--number", "NEW-1")
    assert (row["id"], row["total"]) == (invoice, Decimal("5.10"))
    run("act", "basware", "edit", f"invoice_id={invoice}", 'changes={"description": "a = b"}')


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("act", "quickbooks", "dance"), "Known: "),
        (("act", "quickbooks", "rename", "nonsense"), "name=value"),
        (("act", "quickbooks", "rename", "colour=red"), "It takes: entity, id, name"),
        (("act", "quickbooks", "rename", "entity=Vendor"), "lacks id, name"),
        (("act", "basware", "approve", "document={broken"), "no JSON"),
        (("act", "basware", "approve", "document=@/no/such/file"), "can't be read"),
        (("act", "quickbooks", "rename", "entity=Vendor", "id=0", "name=X"), "QuickBooks refused this"),
        (("books", "basware", "--company", "nobody"), "Known: demo-basware-client"),
        (("switches", "set", "basware", "no_such_switch=1"), "no switch"),
        (("switches", "set", "basware", "redirect=perhaps"), "redirect"),
        (("switches", "set", "basware", "redirect"), "name=value"),
        (("faults", "add", "basware", "bad-hair-day"), "bad hair day"),
        (("faults", "add", "basware", "slow", "--always", "--times", "2"), "exclude each other"),
        (("faults", "add", "basware", "status", "--error", "3001"), "UNEXPECTED_ERROR"),
        (("faults", "remove", "basware", "fault-9"), "fault-9"),
        (("clock", "set", "2026-11-20T12:00:00"), "time zone"),
        (("clock", "advance", "soon"), "15m"),
        (("clock", "run", "0"), "positive scale"),
        (("webhooks", "resend", "quickbooks", "delivery-1"), "no delivery"),
        (("webhooks", "configure", "--address", "x", "--verifier-token", "y"), "absolute URL"),
        (("seed", "/no/such/file"), "can't be read"),
        (("requests", "--status", "fine"), "no status"),
        (("vendors", "xero"), ""),
        (("books", "--url", "https://quickbooks.api.intuit.com"), "no address of a twin"),
    ],
)
def test_a_mistake_ends_with_two_and_tells_what_to_do(run, words, told):
    assert told in run(*words, code=2)


@pytest.mark.usefixtures("house")
def test_time_is_stopped_moved_and_scaled(run, data):
    assert data("clock", "set", "2026-11-20T12:00:00+01:00")["now"] == "2026-11-20T11:00:00Z"
    assert data("clock", "advance", "36h")["now"] == "2026-11-21T23:00:00Z"
    assert data("clock", "advance", "90")["now"] == "2026-11-21T23:01:30Z"
    assert data("clock", "run", "60") | {"now": ""} == {"now": "", "running": True, "scale": 60.0}
    assert "60 times as fast" in run("clock", "show")
    assert data("clock", "stop")["running"] is False
    assert "stands still" in run("clock", "show")


def test_switches_are_listed_and_set(house, run, data):
    rows = {row["name"]: row for row in data("switches", "show", "basware")}
    assert rows["recovery_seconds"]["may_be_null"] is True
    assert "bare_lists" in run("switches", "show")
    settings = ("redirect=never", "recovery_seconds=null", "bare_lists=true", "token_seconds=600")
    stand = data("switches", "set", "basware", *settings)
    assert (stand["redirect"], stand["recovery_seconds"], stand["bare_lists"]) == ("never", None, True)
    assert house.story.regions.switches.token_seconds == 600


@pytest.mark.row("S35")
def test_every_kind_of_fault_is_added_listed_and_removed(house, run, data):
    for kind in FaultKind:
        run("faults", "add", "basware", kind.value.replace(" ", "-"), "--path", "nowhere")
    rules = data("faults", "list", "basware")
    assert [rule["kind"] for rule in rules] == [kind.value for kind in FaultKind]
    assert "broken off" in run("faults", "list")
    kinds = data("faults", "list", "quickbooks", "--kinds")
    assert "3001" in kinds["errors"]
    assert "lost before" in run("faults", "list", "--kinds")
    assert len(data("faults", "remove", "basware", rules[0]["id"])) == len(rules) - 1
    run("faults", "clear")
    assert data("faults", "list") == {"quickbooks": [], "basware": []}

    run(
        "faults", "add", "basware", "status", "--error", "throttled", "--retry-after", "7", "--operation", "companies.*"
    )
    run("faults", "add", "basware", "status", "--status", "503", "--body", "html", "--always", "--percent", "100")
    answers = [
        house.story.basware.handle(Request.build("GET", f"https://x/v1/{name}", [], b""))
        for name in ("companies", "companies", "vendors")
    ]
    assert [answer.status for answer in answers] == [429, 503, 503]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[1].headers["Content-Type"] == "text/html"
    run("faults", "clear", "basware")
    run("faults", "add", "quickbooks", "lost-after", "--method", "get", "--nth", "2", "--after", "0", "--lasts", "60")
    request = Request.build("GET", "https://x/v3/company/1/bill/1", [], b"")
    assert house.story.quickbooks.handle(request).status == 401
    with pytest.raises(LostAnswerError):
        house.story.quickbooks.handle(request)


@pytest.mark.row("S32")
def test_notifications_are_set_up_watched_and_given_bad_luck(house, run, data):
    address = "http://127.0.0.1:9/hook"
    settings = ("--address", address, "--verifier-token", "canary-verifier", "--entity", "Vendor:Create,Update")
    stand = data("webhooks", "configure", *settings, "--window", "60", "--format", "legacy")
    assert "canary-verifier" not in json.dumps(stand)
    assert stand["demo-quickbooks-client"]["entities"] == {"Vendor": ["Create", "Update"]}
    assert data("webhooks", "show", "quickbooks") == stand
    assert "hook" in run("webhooks", "show")
    for kind in Mishap:
        run("webhooks", "luck", "add", "quickbooks", kind.value, "--about", "Bill", "--seconds", "5", "--always")
    assert [rule["kind"] for rule in data("webhooks", "luck", "list", "quickbooks")] == [kind.value for kind in Mishap]
    assert "Bill" in run("webhooks", "luck", "list")
    run("webhooks", "luck", "clear")
    assert data("webhooks", "luck", "list") == {"quickbooks": [], "basware": []}
    run("act", "quickbooks", "rename", "entity=Vendor", "id=101", "name=Renamed")
    with house.lock:  # nothing is sent meanwhile
        house.story.clock.advance(60)
        assert house.story.company_books.outbox.due == 1
        [row] = house.story.company_books.outbox.report()
    assert data("webhooks", "deliveries", "quickbooks")[0]["id"] == row["id"]
    assert row["id"] in run("webhooks", "deliveries", "--state", "waiting")
    assert data("webhooks", "resend", "quickbooks", row["id"]) == {"delivery": row["id"]}
    assert isinstance(data("webhooks", "attempts", "--status", "200")["quickbooks"], list)
    assert data("webhooks", "configure", "--remove") == {}


def test_the_state_is_saved_when_told(house, run, data, tmp_path):
    saved = data("save")
    assert (saved["state"], saved["bytes"]) == (str(tmp_path / "state"), (tmp_path / "state").stat().st_size)
    assert str(tmp_path / "state") in run("save")


def test_a_generated_company_is_written_and_added_to_running_twins(house, run, data, tmp_path, monkeypatch):
    file = tmp_path / "company.json"
    options = ("--documents", "12", "--vendors", "5", "--seed", "3", "--problems", "0.25", "--foreign", "0.2")
    run("generate", file, *options)
    first = file.read_bytes()
    assert run("generate", "-", *options).encode() == first
    content = json.loads(first)
    content["quickbooks"] |= {"realm_id": "77", "client_id": "other", "refresh_token": "other-refresh"}
    content["basware"] |= {"client_id": "other", "user": "other"}
    file.write_text(json.dumps(content))
    assert data("seed", file) == {"quickbooks": ["77"], "basware": ["other"]}
    assert len(data("documents", "basware", "--company", "other", "--limit", "0")) == 12
    assert data("check", "quickbooks", "--company", "77") == {"77": []}
    assert "there already" in run("seed", file, code=2)
    several = {"basware": [content["basware"] | {"client_id": name, "user": name} for name in ("a", "b")]}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(several).encode())))
    assert data("seed", "-") == {"quickbooks": [], "basware": ["a", "b"]}
    file.write_text("[]")
    assert "holds no companies" in run("seed", file, code=2)
    assert "share of problems" in run("generate", file, "--problems", "2", code=2)


def test_without_running_twins_every_command_says_how_to_start_them(run, tmp_path, monkeypatch):
    monkeypatch.setenv("TWINS", str(tmp_path / "twins.json"))
    for command in (("books",), ("check",), ("clock", "show"), ("act",), ("faults", "list"), ("save",)):
        assert "python -m twins serve" in run(*command, code=4)
    with House(Story.begin(Clock()), Plan()) as gone:
        leave_addresses(gone.addresses())
    assert "not running" in run("documents", code=4)
    assert "not running" in run("documents", "--url", gone.addresses()["basware"], code=4)
    (tmp_path / "twins.json").write_text("{}")
    assert "no addresses" in run("books", code=2)
    (tmp_path / "twins.json").write_text("nonsense")
    assert "can't be read" in run("books", code=2)
