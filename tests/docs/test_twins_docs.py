"""Keeps the pages about the twins true: names of acts, switches, faults and commands are compared with the twins themselves."""

import re
from pathlib import Path

import pytest

import twin_reference
from twins import demo_company
from twins.basware.regions import Environment, Region
from twins.commands.app import app
from twins.control import COMMANDS, PREFIX
from twins.faults import BodyForm, FaultKind, FaultRule
from twins.quickbooks.webhooks import WebhookSettings

DOCS = Path(__file__).parents[2] / "docs" / "twins"
GUIDE = (DOCS / "README.md").read_text(encoding="utf-8")
CONTROL = (DOCS / "control-api.md").read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, flags=re.M | re.S)
    assert found, heading
    return found[1]


def first_cells(text: str) -> list[str]:
    """The names in code type in the first column of tables."""
    return [name for row in re.findall(r"^\| (.*?) \|", text, flags=re.M) for name in re.findall(r"`([^`]+)`", row)]


def test_the_reference_is_what_the_twins_say_of_themselves() -> None:
    written = twin_reference.PAGE.read_text(encoding="utf-8")

    assert written == twin_reference.page(), "run: python bench/twin_reference.py --write"


def test_nothing_in_the_reference_is_without_an_explanation() -> None:
    rows = re.findall(r"^\| `.*\|$", twin_reference.page(), flags=re.M)

    assert len(rows) > 200
    assert [row for row in rows if re.search(r"\|\s*\|$", row)] == []


def test_the_guide_explains_every_kind_of_fault() -> None:
    assert first_cells(section(GUIDE, "Faults")) == [kind.value for kind in FaultKind]


@pytest.mark.parametrize("form", BodyForm)
def test_the_guide_names_every_shape_of_a_false_answer(form: BodyForm) -> None:
    assert f"`{form.value}`" in section(GUIDE, "Faults").replace("--body ", "")


def test_every_part_of_a_rule_is_an_option_of_the_command() -> None:
    options = {
        name.removeprefix("--").replace("-", "_")
        for argument in app["faults"]["add"].assemble_argument_collection()
        for name in argument.names
    }

    assert {*FaultRule.__dataclass_fields__} - {"probability"} <= options
    assert "percent" in options, "the probability as people say it"


def test_the_guide_names_what_a_seed_must_have_and_where_a_tenant_may_live() -> None:
    companies = section(GUIDE, "Companies")

    for seed in (demo_company.quickbooks_seed(), demo_company.basware_seed()):
        assert set(seed) <= set(first_cells(companies))
    assert {*WebhookSettings.__dataclass_fields__} - set(re.findall(r"`([a-z_]+)`", companies)) <= {"content_type"}
    for name in (*Region, *Environment):
        assert f"`{name}`" in companies


def test_the_guide_has_every_key_that_serve_prints() -> None:
    text = section(GUIDE, "Start")

    for name in ("quickbooks", "basware", "page", "url", "companies", "regions", "realm_id", "refresh_token", "bwcid"):
        assert f"`{name}`" in text


def test_every_command_that_takes_a_body_is_explained() -> None:
    taking = {f"{command.method} {PREFIX}{command.name}" for command in COMMANDS if command.method == "POST"}

    assert taking <= set(first_cells(section(CONTROL, "Bodies")))


@pytest.mark.parametrize("page", [GUIDE, CONTROL], ids=["guide", "control interface"])
def test_commands_of_the_control_interface_in_the_pages_exist(page: str) -> None:
    known = {f"{PREFIX}{command.name}" for command in COMMANDS} | {PREFIX}

    named = set(re.findall(r"(/_twin/[a-z/-]*)", page))
    assert named <= known | {"/_twin/"}
