"""The mapping as a table and code by code: what goes out comes back the same, and every mistake is named with its line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from paperwork import invoice, line
from terminal import Run
from world import World


@pytest.fixture
def mapped(run: Run, connected: World, once: Callable[..., None]) -> World:
    """The codes of one invoice, mapped by what is certain."""

    def take_over() -> None:
        connected.approve(invoice("A-1", line("60.00"), line("40.00", practice="TECH")))
        run("sync", "--only", "intake")
        assert run("mapping", "propose", "--accept").code == 0

    once("an invoice mapped", take_over)
    return connected


def test_proposals_say_how_sure_they_are_and_only_certain_ones_are_taken_over(run: Run, connected: World) -> None:
    connected.approve(invoice("A-1", supplier="V-10048"))
    run("sync", "--only", "intake")

    proposed = run("mapping", "propose", "--json").json

    assert proposed["accepted"] == 0
    by_code = {one["code"]: one for one in proposed["proposals"]}
    assert (by_code["6110"]["confidence"], by_code["6110"]["target_id"]) == ("certain", "55")
    assert by_code["V-10048"]["confidence"] == "likely"
    assert run("mapping", "list", "--json").json["rules"] == []
    run("mapping", "propose", "--accept")
    codes = {rule["code"] for rule in run("mapping", "list", "--json").json["rules"]}
    assert "6110" in codes
    assert "V-10048" not in codes


def test_the_table_that_goes_out_comes_back_the_same(run: Run, mapped: World, tmp_path: Path) -> None:
    run("mapping", "set", "class", "-", "Firm Operations", "--default")
    run("mapping", "set", "customer", "=HYPERLINK()", "none", "--note", '@odd, "quoted"; note')
    table = tmp_path / "mapping.csv"
    before = run("mapping", "list", "--json").json["rules"]

    assert run("mapping", "export", table).code == 0
    assert run("mapping", "import", table, "--replace").code == 0

    assert run("mapping", "list", "--json").json["rules"] == before
    assert run("mapping", "export").out == table.read_text()
    assert not [
        cell for row in table.read_text().splitlines() for cell in row.split(",") if cell.startswith(("=", "@"))
    ]


def test_rules_with_conditions_come_through_a_table(run: Run, mapped: World, tmp_path: Path) -> None:
    table = tmp_path / "mapping.csv"
    table.write_text(
        "dimension,conditions,priority,target\naccount,accountCode=6400..6499; costCenterCode=CHI,10,6420\n"
    )
    assert run("mapping", "import", table).code == 0

    mapped.approve(invoice("A-2", line("5.00", "CHI", account="6470")))
    run("mapping", "set", "location", "CHI", "Chicago")
    run("sync")

    _, bill = mapped.only_transaction("A-2")
    assert bill["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]["value"] == "68"


def test_every_wrong_row_is_named_and_nothing_is_taken_over(run: Run, mapped: World, tmp_path: Path) -> None:
    table = tmp_path / "mapping.csv"
    table.write_text(
        "dimension,code,conditions,default,priority,target\n"
        "account,6470,,,,6420\n"
        "acount,6470,,,,6420\n"
        "account,6471,,,,9999\n"
        "account,,,,,6420\n"
        "account,6472,accountCode=1,,,6420\n"
        "account,,accountCode,,,6420\n"
        "account,6473,,,soon,6420\n"
    )
    before = run("mapping", "list", "--json").json

    result = run("mapping", "import", table)

    assert (result.code, result.out) == (2, "")
    assert [number for number in range(2, 9) if f"line {number}:" in result.err] == [3, 4, 5, 6, 7, 8]
    assert run("mapping", "list", "--json").json == before


@pytest.mark.parametrize("text", ["", "code,target\n1,2\n", "dimension\naccount\n"])
def test_a_table_without_its_columns_is_refused(run: Run, mapped: World, tmp_path: Path, text: str) -> None:
    table = tmp_path / "mapping.csv"
    table.write_text(text)

    result = run("mapping", "import", table)

    assert result.code == 2
    assert "column" in result.err


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("", "no rule below its headings"),
        ("account,6470,6420\naccount,6471,6420\naccount,6470,6110\n", "line 4: it is about the same as line 2."),
        ("account,6470,6420,6110\n", "line 2: it has more cells than there are headings."),
        ("account,6470,\n", "line 2: the column target is empty."),
        ("account,6470\n", "line 2: the column target is empty."),
        ("account,1,nowhere\n" * 30, "10 more lines are wrong."),
        ("account,1,nowhere\n" * 21, "1 more line is wrong."),
    ],
)
def test_a_table_that_was_not_meant_so_changes_nothing(run: Run, mapped: World, rows: str, words: str) -> None:
    before = run("mapping", "list", "--json").json
    for more in ([], ["--replace"], ["--dry-run"]):
        result = run("mapping", "import", "-", *more, stdin=f"dimension,code,target\n{rows}")
        assert result.code == 2
        assert words in result.err
        assert result.err.count("line ") <= 2 * 20 + 1
    assert run("mapping", "list", "--json").json == before


def test_empty_cells_behind_a_row_are_no_cells(run: Run, mapped: World) -> None:
    assert run("mapping", "import", "-", stdin="dimension,code,target\naccount,6472,6420,,\n").code == 0
    assert "6472" in [rule["code"] for rule in run("mapping", "list", "--json").json["rules"]]


@pytest.mark.parametrize("between", [";", "\t"])
def test_a_table_of_a_country_that_writes_decimal_commas_is_read(run: Run, mapped: World, between: str) -> None:
    text = "dimension,code,conditions,target\naccount,,accountCode=6471..6472,6420\n".replace(",", between)
    assert run("mapping", "import", "-", stdin=text).code == 0
    kept = run("mapping", "list", "--json").json["rules"]
    assert [rule["conditions"] for rule in kept if rule["conditions"]] == [
        [{"field": "accountCode", "equals": "", "low": "6471", "high": "6472"}]
    ]


def test_a_table_may_come_through_standard_input_and_be_tried_first(run: Run, mapped: World) -> None:
    text = "dimension,code,target\naccount,6470,6420\n"
    before = run("mapping", "list", "--json").json

    tried = run("mapping", "import", "-", "--dry-run", "--json", stdin=text)
    assert (tried.code, tried.json["dry_run"]) == (0, True)
    assert run("mapping", "list", "--json").json == before

    run("mapping", "import", "-", stdin=text)
    assert {"6470"} <= {rule["code"] for rule in run("mapping", "list", "--json").json["rules"]}


@pytest.mark.parametrize(("target", "named"), [("9999", "9999"), ("Contributor", "Contributor"), ("none", "empty")])
def test_an_account_is_mapped_to_what_there_is_only(run: Run, mapped: World, target: str, named: str) -> None:
    result = run("mapping", "set", "account", "6470", target)

    assert (result.code, result.out) == (2, "")
    assert named in result.err
