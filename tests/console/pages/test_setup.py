"""The way from nothing to the first posted bill, in the browser's terms: nothing is posted before the release."""

import re
from pathlib import Path

import httpx2
import pytest

import beginnings
from abroad import british_seeds
from databases import SqliteFiles
from ml_connector.console.navigation import SECTIONS
from ml_connector.model.people import Role
from ml_connector.store import audit, secrets
from ml_connector.store.database import Database
from ml_connector.work.company import ZONE_SAID
from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.settings import decode_settings
from twins.demo_company import setup
from visits import Visit, VisitAs, text_of
from world import BASWARE_HOST, Seeds, World, build_world

HERE = "/c/acme-us/setup"
QUICKBOOKS = {f"set:{name}": text for name, text in beginnings.QUICKBOOKS.items()} | {
    f"secret:{name}": text for name, text in beginnings.QUICKBOOKS_KEYS.items()
}
POSTS = (
    "quickbooks", "quickbooks/leave", "basware", "check", "policies", "look", "match", "mapping", "start", "plan", "release",
)  # fmt: skip
BASWARE = {f"set:{name}": text for name, text in beginnings.BASWARE.items()} | {
    f"secret:{name}": text for name, text in beginnings.BASWARE_KEYS.items()
}


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """The demo company's twins with waiting invoices, and an installation that knows nobody."""
    scene = build_world(database, mapping=False)
    beginnings.emptied(scene, tmp_path)
    return scene


@pytest.fixture
def boss(world: World, visit: VisitAs) -> Visit:
    return visit(world, Role.ADMINISTRATOR, everywhere=True)


def begin(boss: Visit) -> httpx2.Response:
    return boss.post("/connections/new", name="acme-us", companies="US10")


def agree(world: World, boss: Visit, page: httpx2.Response) -> str:
    """Follow the link on the page, agree at Intuit, come back; what the last page says."""
    found = re.search(r'href="(http://localhost:8765/connect/quickbooks/[^"]+)"', page.text)
    assert found is not None
    return beginnings.agree(world, found[1], boss.client.base_url)


def connect_both(world: World, boss: Visit) -> None:
    begin(boss)
    told = agree(world, boss, boss.post(f"{HERE}/quickbooks", then="connect", **QUICKBOOKS))
    assert "QuickBooks is connected" in told
    assert boss.post(f"{HERE}/basware", **BASWARE).headers["location"].endswith("/setup/check")


def waiting(world: World) -> set[str]:
    return {one["invoiceId"] for one in world.basware.documents() if one["processingStatus"] == "WaitingForTransfer"}


def test_from_nothing_to_the_first_posted_bill(world: World, boss: Visit) -> None:
    before = waiting(world)
    assert "No connection yet" in boss.get("/connections").text
    connect_both(world, boss)
    assert "QuickBooks company" in text_of(boss.post(f"{HERE}/check"))
    assert '<option value="America/New_York">' in boss.get(f"{HERE}/policies").text
    agreed = boss.post(f"{HERE}/policies", **{"set:schedule.time_zone": "America/New_York"})
    assert agreed.headers["location"].endswith("/setup/mapping")
    assert world.app.connection("acme-us").settings.count("America/New_York") == 1
    boss.post(f"{HERE}/look")
    page = boss.get(f"{HERE}/mapping")
    assert all(word in text_of(page) for word in ("Confident", "Unsure", "None", "proposed: same account number"))
    ticked = re.findall(r'name="(accept:[^"]+)"', page.text)
    matched = boss.post(f"{HERE}/match", **dict.fromkeys(ticked, "yes"))
    assert matched.headers["location"].endswith("/setup/mapping")
    boss.post(f"{HERE}/mapping")
    boss.post(f"{HERE}/start", start_date="2026-10-01")
    plan = text_of(boss.post(f"{HERE}/plan"))
    assert "would be posted" in plan
    assert "Becomes a bill" in plan

    LocalEngine(world.app, heart=None, worker="engine").step()
    assert (world.transactions(), waiting(world)) == ([], before)

    assert boss.post(f"{HERE}/release", reason="seen by Kim").headers["location"] == "/c/acme-us/today"
    for _ in range(3):
        LocalEngine(world.app, heart=None, worker="engine").step()
        world.clock.advance(120)
    bills = [record for kind, record in world.transactions() if kind == "Bill"]
    assert bills
    assert all(record["TxnDate"] >= "2026-10-01" for record in bills)
    assert not waiting(world) & before


@pytest.mark.parametrize(
    ("seeds", "asked"), [("demo", "us_tax"), (british_seeds(), "non_us_tax")], ids=["american", "british"]
)
def test_tax_is_asked_about_as_it_concerns_the_companys_country(
    sqlite: SqliteFiles, tmp_path: Path, visit: VisitAs, seeds: Seeds | str, asked: str
) -> None:
    with sqlite.fresh() as url:
        world = build_world(url, company=seeds, mapping=False)
        beginnings.emptied(world, tmp_path)
        boss = visit(world, Role.ADMINISTRATOR, everywhere=True)

        def questions(query: str = "") -> set[str]:
            page = boss.get(f"{HERE}/policies{query}").text
            return set(re.findall(r'name="set:policy\.(us_tax|non_us_tax)"', page))

        begin(boss)
        assert questions() == {"us_tax", "non_us_tax"}, "nobody knows yet"
        assert questions("?place=elsewhere") == {"non_us_tax"}, "a person says"

        agree(world, boss, boss.post(f"{HERE}/quickbooks", then="connect", **QUICKBOOKS))
        assert questions("?place=elsewhere") == questions("?place=us") == {asked}, "QuickBooks says"

        boss.post(f"{HERE}/basware", **BASWARE)
        boss.post(f"{HERE}/look")
        assert questions() == {asked}, "out of the lists that were read"


def zone_field(boss: Visit) -> tuple[str, bool]:
    """What the field of the time zone holds, and whether the page says that QuickBooks proposes it."""
    page = boss.get(f"{HERE}/policies")
    [value] = re.findall(r'name="set:schedule.time_zone" value="([^"]*)"', page.text)
    return value, "It is proposed below, since nobody has chosen one yet" in text_of(page)


def test_the_time_zone_quickbooks_says_is_proposed_and_no_choice_is_overridden(world: World, boss: Visit) -> None:
    world.act("edit_company", changes={"DefaultTimeZone": "America/Chicago"})
    begin(boss)
    assert zone_field(boss) == ("UTC", False), "nobody knows yet"
    agree(world, boss, boss.post(f"{HERE}/quickbooks", then="connect", **QUICKBOOKS))
    assert zone_field(boss) == ("America/Chicago", True)
    row = world.app.connection("acme-us")
    assert "America/Chicago" not in row.settings, "it is proposed, not taken"
    with world.database.read() as tx:
        [said] = audit.listing(tx, row.id, action=ZONE_SAID)
    assert (said.subject, said.before, said.after) == ("quickbooks", "", "America/Chicago")

    boss.post(f"{HERE}/basware", **BASWARE)
    boss.post(f"{HERE}/look")
    assert zone_field(boss) == ("America/Chicago", True), "out of the lists that were read"
    boss.post(f"{HERE}/policies", **{"set:schedule.time_zone": "UTC", "was:schedule.time_zone": "UTC"})
    assert zone_field(boss) == ("UTC", False), "UTC was chosen"
    assert "What was chosen here stays until you change it" in text_of(boss.get(f"{HERE}/policies"))


def test_a_proposed_time_zone_that_is_saved_is_a_choice_in_the_audit(world: World, boss: Visit) -> None:
    world.act("edit_company", changes={"DefaultTimeZone": "America/Chicago"})
    begin(boss)
    agree(world, boss, boss.post(f"{HERE}/quickbooks", then="connect", **QUICKBOOKS))
    boss.post(f"{HERE}/policies", **{"set:schedule.time_zone": zone_field(boss)[0], "was:schedule.time_zone": "UTC"})

    row = world.app.connection("acme-us")
    assert decode_settings(row.settings).schedule.time_zone == "America/Chicago"
    with world.database.read() as tx:
        [change] = [one for one in audit.listing(tx, row.id) if one.before == '{"schedule.time_zone": "UTC"}']
    assert (change.after, change.actor) == ('{"schedule.time_zone": "America/Chicago"}', boss.login)


@pytest.mark.parametrize("said", [None, "Nowhere/Atlantis", "", "UTC"])
def test_a_time_zone_quickbooks_does_not_say_or_nobody_knows_is_not_proposed(
    world: World, boss: Visit, said: str | None
) -> None:
    world.act("edit_company", changes={"DefaultTimeZone": said})
    begin(boss)
    agree(world, boss, boss.post(f"{HERE}/quickbooks", then="connect", **QUICKBOOKS))
    assert zone_field(boss)[0] == "UTC"


def test_a_set_up_is_left_and_taken_up_where_it_was(world: World, boss: Visit) -> None:
    begin(boss)
    assert boss.get(HERE).headers["location"] == f"{HERE}/quickbooks"
    agree(world, boss, boss.post(f"{HERE}/quickbooks", then="connect", **QUICKBOOKS))
    assert boss.get(HERE).headers["location"] == f"{HERE}/basware"
    assert "Set-up 1 of 8 steps done" in text_of(boss.get("/connections"))


def test_a_step_there_is_not_is_no_page(boss: Visit) -> None:
    begin(boss)

    assert boss.get(f"{HERE}/nonsense").status_code == 404


def test_secrets_are_stored_and_never_shown_again(world: World, boss: Visit) -> None:
    begin(boss)
    answer = boss.post(f"{HERE}/quickbooks", then="save", **QUICKBOOKS)
    boss.post(f"{HERE}/basware", **BASWARE)

    shown = boss.follow(answer).text + "".join(boss.get(f"{HERE}/{step}").text for step in ("quickbooks", "basware"))
    assert "demo-quickbooks-secret" not in shown
    assert "demo-basware-secret" not in shown
    assert shown.count('autocomplete="new-password"') == shown.count('type="password"') > 0
    row = world.app.connection("acme-us")
    with world.database.read() as tx:
        assert set(secrets.fields(tx, row.id)) == {
            "quickbooks.client_id", "quickbooks.client_secret", "basware.client_id", "basware.client_secret",
        }  # fmt: skip
        noted = str(audit.listing(tx, row.id))
    assert "demo-basware-secret" not in noted
    assert "given: basware.client_id, basware.client_secret" in noted


def test_a_secret_left_empty_keeps_what_is_stored(world: World, boss: Visit) -> None:
    begin(boss)
    boss.post(f"{HERE}/basware", **BASWARE)
    boss.post(f"{HERE}/basware", **{"set:basware.region": "US", "secret:basware.client_secret": ""})

    row = world.app.connection("acme-us")
    with world.database.read() as tx:
        kept = secrets.get(tx, world.app.vault, row.id, "basware.client_secret")
    assert kept is not None
    assert kept.reveal() == "demo-basware-secret"


@pytest.mark.parametrize(
    ("name", "companies", "words"),
    [
        ("acme us", "US10", "The name may have letters"),
        ("../x", "US10", "The name may have letters"),
        ("acme-us", " , ", "at least one Basware company code"),
    ],
)
def test_a_connection_cannot_be_begun_with_less(boss: Visit, name: str, companies: str, words: str) -> None:
    answer = boss.post("/connections/new", name=name, companies=companies)

    assert answer.status_code == 422
    assert words in text_of(answer)


def test_a_name_that_is_taken_changes_nothing_of_the_other_connection(world: World, boss: Visit) -> None:
    begin(boss)
    boss.post(f"{HERE}/basware", **BASWARE)

    answer = boss.post("/connections/new", name="acme-us", companies="ZZ")

    assert "already" in text_of(answer)
    assert world.app.connection("acme-us").company_codes == ("US10",)


def test_mistakes_come_back_with_what_to_do(boss: Visit) -> None:
    begin(boss)

    no_keys = boss.post(f"{HERE}/quickbooks", then="connect")
    assert "Enter the client id and the client secret" in text_of(no_keys)
    wrong = boss.post(f"{HERE}/basware", **{"set:basware.base_url": "http://example.com"})
    assert wrong.status_code == 422
    assert 'value="http://example.com"' in wrong.text
    assert "Connect QuickBooks and Basware first" in text_of(boss.post(f"{HERE}/look"))
    for step in ("check", "mapping", "plan"):
        assert "Still to do: Connect QuickBooks and Connect Basware" in text_of(boss.get(f"{HERE}/{step}")), step
    assert "first day" in text_of(boss.post(f"{HERE}/start"))
    assert "Still to do" in text_of(boss.post(f"{HERE}/release"))


def test_refused_credentials_show_in_the_report_and_stop_the_release(world: World, boss: Visit) -> None:
    connect_both(world, boss)
    boss.post(f"{HERE}/basware", **{"secret:basware.client_secret": "wrong"})

    page = text_of(boss.post(f"{HERE}/check"))

    assert "failed. Do what stands beside them" in page
    assert "Check both" in text_of(boss.post(f"{HERE}/release"))


def test_everything_may_be_posted_where_nothing_was_entered_by_hand(world: World, boss: Visit) -> None:
    begin(boss)

    answer = boss.post(f"{HERE}/start", everything="yes")

    assert answer.headers["location"].endswith("/setup/plan")
    assert "All documents will be posted." in text_of(boss.follow(answer))


def test_only_whoever_administers_every_connection_begins_one(world: World, boss: Visit, visit: VisitAs) -> None:
    begin(boss)
    other = world.app.connection("acme-us").id
    for role in (Role.VIEWER, Role.ACCOUNTANT, Role.MAPPER):
        person = visit(world, role, elsewhere=other)
        assert person.get("/connections/new").status_code == 403
        assert person.post("/connections/new", name="mine", companies="ZZ").status_code == 403
        assert person.get(f"{HERE}/quickbooks").status_code == 403
        for step in (
            "quickbooks",
            "quickbooks/leave",
            "basware",
            "check",
            "policies",
            "look",
            "match",
            "mapping",
            "start",
            "plan",
            "release",
        ):
            assert person.post(f"{HERE}/{step}").status_code == 403, step


def test_a_connection_that_is_released_has_no_set_up_any_more(world: World, boss: Visit) -> None:
    test_from_nothing_to_the_first_posted_bill(world, boss)

    assert boss.get(HERE).headers["location"] == "/c/acme-us/connection"
    assert boss.post(f"{HERE}/start", start_date="2020-01-01").status_code == 422
    assert boss.post(f"{HERE}/release").headers["location"] == "/c/acme-us/today"


def test_credentials_are_tried_when_they_are_entered(boss: Visit) -> None:
    begin(boss)

    refused = boss.post(f"{HERE}/basware", **BASWARE | {"secret:basware.client_secret": "wrong"})
    accepted = boss.post(f"{HERE}/basware", **BASWARE)

    assert refused.status_code == 422
    assert "Saved, but Basware does not accept it." in text_of(refused)
    assert "Enter the credentials again" in text_of(refused)
    assert "Saved, and Basware accepts it." in text_of(boss.follow(accepted))


def test_a_user_and_password_that_were_entered_are_what_counts(world: World, boss: Visit) -> None:
    begin(boss)
    known = setup()["basware"]
    address = {"set:basware.base_url": f"https://{BASWARE_HOST}"}

    answer = boss.post(
        f"{HERE}/basware",
        **address,
        **{"secret:basware.user": known["user"], "secret:basware.password": known["password"]},
    )

    assert "Saved, and Basware accepts it." in text_of(boss.follow(answer))
    assert decode_settings(world.app.connection("acme-us").settings).basware.auth == "basic"


def test_a_release_may_have_everything_wait_for_a_person_at_first(world: World, boss: Visit) -> None:
    connect_both(world, boss)
    boss.post(f"{HERE}/check")
    boss.post(f"{HERE}/start", everything="yes")
    boss.post(f"{HERE}/plan")

    answer = boss.post(f"{HERE}/release", review="yes")
    for _ in range(3):
        LocalEngine(world.app, heart=None, worker="engine").step()
        world.clock.advance(120)

    assert "before somebody releases it under Plan" in text_of(boss.follow(answer))
    assert world.transactions() == []


def test_a_set_up_that_was_left_is_found_again_from_every_screen(world: World, boss: Visit, visit: VisitAs) -> None:
    begin(boss)
    begun = world.app.connection("acme-us").id
    assert boss.get("/").headers["location"] == HERE
    for section in SECTIONS:
        page = boss.get(f"/c/acme-us/{section.path}")
        assert (section.path, page.status_code) == (section.path, 200)
        assert f'<a class="btn btn-primary ms-2" href="{HERE}">Go on setting up</a>' in page.text, section.path
    told = visit(world, Role.VIEWER, elsewhere=begun).get("/c/acme-us/today")
    assert "An administrator of this connection goes on with it." in text_of(told)

    boss.post(f"{HERE}/quickbooks", then="save", **QUICKBOOKS)
    boss.post(f"{HERE}/basware", **BASWARE)
    assert {boss.get(f"/c/acme-us/{section.path}").status_code for section in SECTIONS} == {200}
