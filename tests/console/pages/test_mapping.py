"""The mapping on screen: what is not matched, rules tried before they count, history, tables in and out."""

import re

import pytest

from ml_connector.model.mapping import Condition, Dimension, MappingRule
from ml_connector.model.people import Role
from ml_connector.store import mappings
from ml_connector.store.database import Database
from ml_connector.work.engine import Step
from ml_connector.work.mapping_tables import replace_rules
from paperwork import invoice, line
from programs import Program, token_for
from visits import Visit, VisitAs, text_of
from world import World, build_world

HERE = "/c/demo/mapping"


@pytest.fixture
def world(database: Database) -> World:
    """Two invoices wait; the account 6470 of one is not mapped."""
    scene = build_world(database, company="empty")
    scene.approve(invoice("N-1"))
    scene.approve(invoice("N-2", line("40.00"), line("20.00", account="6470")))
    scene.run([Step.INTAKE])
    return scene


@pytest.fixture
def mapper(world: World, visit: VisitAs) -> Visit:
    return visit(world, Role.MAPPER)


def rules(world: World) -> dict[str, MappingRule]:
    with world.database.read() as tx:
        return {rule.code or rule.id: rule for rule in mappings.load(tx, world.connection_id).rules}


def version(world: World) -> int:
    with world.database.read() as tx:
        return mappings.load(tx, world.connection_id).version


def test_unmatched_codes_come_first_with_what_waits_for_them(mapper: Visit) -> None:
    page = text_of(mapper.get(HERE))

    assert page.index("Account 6470") < page.index("Account 6110")
    assert "Account 50 % 2 0" in page
    only = text_of(mapper.get(f"{HERE}?only=unmapped"))
    assert "Account 6470" in only
    assert "Account 6110" not in only


def test_a_code_is_matched_on_the_page_and_its_invoice_is_posted(world: World, mapper: Visit) -> None:
    answer = mapper.post(f"{HERE}/match", **{"to:account:6470": "55"})

    assert answer.status_code == 303
    assert "1 code is matched. What waited for it goes again." in text_of(mapper.follow(answer))
    world.settle()
    assert world.only_transaction("N-2")[0] == "Bill"


def test_proposals_are_accepted_in_bulk(world: World, mapper: Visit) -> None:
    replace_rules(world.desk(), [], actor="robin", why="empty", whole=True)
    page = mapper.get(HERE)
    ticked = re.findall(r'name="(accept:[^"]+)" value="yes"[^>]* checked', page.text)

    mapper.post(f"{HERE}/match", **dict.fromkeys(ticked, "yes"))

    assert "accept:account:6110" in ticked
    assert len(rules(world)) == len(ticked)
    assert rules(world)["6110"].note == "proposed: same account number"


def test_a_name_that_fits_nothing_is_told_and_nothing_is_changed(world: World, mapper: Visit) -> None:
    before = version(world)

    answer = mapper.post(f"{HERE}/match", **{"to:account:6470": "no such account", "to:account:6110": "56"})

    assert answer.status_code == 422
    assert "no account with the id, number or name" in text_of(answer)
    assert 'value="no such account"' in answer.text, "what was entered is still there"
    assert version(world) == before


def test_a_rule_is_tried_before_it_counts(world: World, mapper: Visit) -> None:
    before = version(world)

    page = text_of(mapper.post(f"{HERE}/try", dimension="account", kind="code", code="6470", target="55"))

    assert "1 is concerned; 1 would no longer wait" in page
    assert "N-2" in page
    assert version(world) == before


def test_a_rule_is_saved_with_why(world: World, mapper: Visit) -> None:
    mapper.post(f"{HERE}/rules", dimension="account", kind="code", code="6470", target="55", note="as agreed with Kim")

    assert rules(world)["6470"].target_id == "55"
    page = text_of(mapper.get(f"{HERE}/history"))
    assert "as agreed with Kim" in page
    assert mapper.login in page


def test_rules_with_conditions_are_ordered_by_hand(world: World, mapper: Visit) -> None:
    for first in ("7", "8"):
        mapper.post(
            f"{HERE}/rules", dimension="account", kind="conditions", conditions=f"accountCode={first}000..{first}999",
            target="55", priority=first,
        )  # fmt: skip
    last = next(rule for rule in rules(world).values() if rule.conditions and rule.priority == 8)

    mapper.post(f"{HERE}/rules/move", rule=last.id, way="up")

    page = mapper.get(f"{HERE}/rules").text
    assert page.index("accountCode=8000..8999") < page.index("accountCode=7000..7999")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"kind": "code", "target": "55"}, "Name Basware"),
        ({"kind": "code", "code": "6470"}, "Name the record of QuickBooks"),
        ({"kind": "conditions", "target": "55"}, "at least one condition"),
        ({"kind": "conditions", "conditions": "accountCode=1", "target": "55", "priority": "soon"}, "no whole number"),
        ({"kind": "default", "target": "none"}, "cannot be left empty"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_words(mapper: Visit, form: dict[str, str], words: str) -> None:
    answer = mapper.post(f"{HERE}/rules", dimension="account", **form)

    assert answer.status_code == 422
    assert words.replace("no whole number", "not a whole number") in text_of(answer)


def test_a_table_goes_out_is_checked_and_comes_back(world: World, mapper: Visit) -> None:
    table = mapper.get(f"{HERE}/export").content
    before = version(world)

    checked = mapper.post(f"{HERE}/import", files={"table": ("m.csv", table)}, whole="yes")
    assert "The table is right" in text_of(checked)
    assert version(world) == before

    more = table + b"account,6470,,,100,55,,from the sheet\n"
    told = mapper.post(f"{HERE}/import", files={"table": ("m.csv", more)}, then="import", reason="new year")
    assert f"{len(more.splitlines()) - 1} rules are taken over." in text_of(mapper.follow(told))
    assert rules(world)["6470"].note == "from the sheet"
    assert "new year" in text_of(mapper.get(f"{HERE}/history"))


def test_a_table_with_one_rule_is_told_as_one(mapper: Visit) -> None:
    table = {"table": ("m.csv", b"dimension,code,target\naccount,6471,55\n")}
    assert "The table is right: 1 rule." in text_of(mapper.post(f"{HERE}/import", files=table))
    assert "1 rule is taken over." in text_of(mapper.follow(mapper.post(f"{HERE}/import", files=table, then="import")))


def test_a_table_with_a_wrong_line_names_it(world: World, mapper: Visit) -> None:
    before = version(world)
    answer = mapper.post(
        f"{HERE}/import", files={"table": ("m.csv", b"dimension,code,target\naccount,1,nowhere\n")}, then="import"
    )

    assert answer.status_code == 422
    assert "line 2" in text_of(answer)
    assert version(world) == before


def test_two_versions_are_compared_and_an_earlier_one_restored(world: World, mapper: Visit) -> None:
    start = version(world)
    mapper.post(f"{HERE}/rules", dimension="account", kind="code", code="6470", target="55")

    compared = text_of(mapper.get(f"{HERE}/history?older={start}"))
    assert "Account 6470 no rule" in compared
    assert mapper.post(f"{HERE}/restore", version=start).status_code == 422
    mapper.post(f"{HERE}/restore", version=start, reason="too early")

    assert "6470" not in rules(world)
    assert f"back to version {start}: too early" in text_of(mapper.get(f"{HERE}/history"))


def test_the_history_is_searched_by_code_person_and_what_a_rule_leads_to(world: World, mapper: Visit) -> None:
    mapper.post(
        f"{HERE}/rules",
        dimension="account",
        kind="code",
        code="6470",
        target="55",
        note="agreed with Kim, Große Straße",
    )
    table = "dimension,code,target\n" + "".join(f"account,Ü{number},61\n" for number in range(60))
    files = {"table": ("m.csv", table.encode())}
    mapper.post(f"{HERE}/import", files=files, then="import", reason="new year")
    mine = version(world)

    def found(text: str) -> list[int]:
        page = mapper.get(f"{HERE}/history?text={text}").text
        return [int(one) for one in re.findall(r'id="v(\d+)"', page)]

    assert found("6470") == found("AGREED+with") == [mine - 1]
    assert found("%C3%BC5") == found("new+year") == [mine]
    assert found("gro%C3%9Fe+stra%C3%9Fe") == found("STRA%C3%9FE") == [mine - 1]
    assert set(found(mapper.login)) == {mine, mine - 1}
    assert mine - 1 in found("supplies"), "what code 6470 leads to"
    assert found("removed") == [], "a name of ours in what is stored is nothing that was changed"
    assert "Nothing fits" in text_of(mapper.get(f"{HERE}/history?text=nowhere"))
    page = text_of(mapper.get(f"{HERE}/history?text=%C3%9C5"))
    assert "11 rules of this change" in page
    assert "and 10 more; the CSV has them all." in text_of(mapper.get(f"{HERE}/history"))
    rows = mapper.table(f"{HERE}/history?text=%C3%9C5&format=csv")
    assert {(row["code"], row["was"]) for row in rows} == {
        (code, "no rule") for code in ("Ü5", *(f"Ü{number}" for number in range(50, 60)))
    }


def test_the_history_goes_on_with_older_versions(world: World, mapper: Visit) -> None:
    with world.database.write() as tx:
        for number in range(55):
            rule = MappingRule(id="r", dimension=Dimension.ACCOUNT, code="7777", target_id=str(number))
            mappings.set_rule(tx, world.connection_id, rule, by="Ada", now=world.clock.now())
    first = mapper.get(f"{HERE}/history?text=7777").text
    older = re.search(r'rel="next" href="([^"]*)"', first)
    assert older
    second = mapper.get(older[1].replace("&amp;", "&")).text
    assert [len(re.findall(r'id="v\d+"', page)) for page in (first, second)] == [50, 5]


def test_a_viewer_sees_the_mapping_and_changes_nothing(world: World, visit: VisitAs) -> None:
    before, table = version(world), {"table": ("m.csv", b"dimension,target\n")}
    for role in (Role.VIEWER, Role.ACCOUNTANT):
        person = visit(world, role)
        assert person.get(HERE).status_code == person.get(f"{HERE}/rules").status_code == 200
        for path in ("match", "refresh", "rules", "try"):
            assert person.post(f"{HERE}/{path}", dimension="account").status_code == 403
        assert person.post(f"{HERE}/rules/remove", rule="x").status_code == 403
        assert person.post(f"{HERE}/rules/move", rule="x").status_code == 403
        assert person.post(f"{HERE}/restore", version=0, reason="x").status_code == 403
        assert person.post(f"{HERE}/import", files=table).status_code == 403
    stranger = visit(world)
    assert stranger.get(HERE).status_code == stranger.get(f"{HERE}/export").status_code == 404
    assert version(world) == before


def test_codes_with_markup_stay_text(world: World, mapper: Visit) -> None:
    world.approve(invoice("N-3", changes={"supplierName": "<script>alert(1)</script>"}))
    world.run([Step.INTAKE])

    assert "<script>alert" not in mapper.get(HERE).text


def test_codes_in_use_are_shown_a_page_at_a_time(mapper: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ml_connector.console.pages.mapping.PAGE", 1)
    first = mapper.get(HERE)
    second = mapper.get(f"{HERE}?start=1")

    assert first.text.count("<tr data-row>") == second.text.count("<tr data-row>") == 1
    assert re.findall(r'rel="next" href="([^"]+)"', first.text) == [f"{HERE}?start=1"]
    assert "Account 6470" in text_of(first)
    assert "Account 6470" not in text_of(second)


def test_rules_come_a_page_at_a_time_on_the_screen_and_through_the_api_each_of_them_once(
    world: World, mapper: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the rules have one priority, so that only what else orders them keeps pages from overlapping."""
    new = [
        MappingRule(id=f"r-{n}", dimension=Dimension.ACCOUNT, target_id="55", code=f"9{n}" if n % 2 else "", conditions=() if n % 2
                    else (Condition(field="accountCode", equals=f"8{n}"),))
        for n in range(7)
    ]  # fmt: skip
    replace_rules(world.desk(), new, actor="robin", whole=True)
    monkeypatch.setattr("ml_connector.console.pages.mapping.PAGE", 3)
    shown, at, pages = list[str](), f"{HERE}/rules", 0
    while at:
        page = mapper.get(at).text
        shown += re.findall(r'<tr data-row><th scope="row">([^<]+)', page)
        at, pages = next(iter(re.findall(r'rel="next" href="([^"]+)"', page)), ""), pages + 1
    assert (pages, shown) == (3, ["91", "93", "95", *(f"accountCode=8{n}" for n in (0, 2, 4, 6))])

    program, told, cursor = Program(mapper.client, token_for(world.app, Role.VIEWER)), list[str](), None
    while cursor != "":
        answer = program.get("/connections/demo/mapping", limit=3, cursor=cursor or "").json()
        told, cursor = told + [one["id"] for one in answer["items"]], answer["next"]
    assert told == [f"r-{n}" for n in range(7)]
