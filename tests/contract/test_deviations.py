"""The table of what is forgiven: exact enough to forgive nothing else, and shown in the documentation as it is."""

import re
from pathlib import Path

import pytest

from contract.deviation import Deviation
from contract.deviations import DEVIATIONS, excuse
from contract.violations import Rule, Violation

PAGE = Path(__file__).parents[2] / "docs" / "twins" / "contract.md"
LISTS = "GET /v1/accountingDocuments"


def violation(**changes: object) -> Violation:
    plain = {"operation": LISTS, "rule": Rule.BODY, "status": 200, "keyword": "enum", "where": "/x", "what": "no"}
    return Violation(**{**plain, **changes})  # type: ignore[arg-type]


def row(**changes: object) -> Deviation:
    plain = {
        "name": "n",
        "operations": "GET *",
        "what": "w",
        "why": "y",
        "source": "s",
        "rules": frozenset({Rule.BODY}),
    }
    return Deviation(**{**plain, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("selects", "other"),
    [
        ({"operations": "POST *"}, {"operation": "POST /v1/tokens"}),
        ({"rules": frozenset({Rule.STATUS})}, {"rule": Rule.STATUS}),
        ({"statuses": frozenset({400})}, {"status": 400}),
        ({"keyword": "type"}, {"keyword": "type"}),
        ({"where": "*/date"}, {"where": "/*/date"}),
        ({"said": "'????' is not *"}, {"what": "'2026' is not a date"}),
    ],
)
def test_a_row_covers_only_what_all_its_fields_select(selects: dict[str, object], other: dict[str, object]) -> None:
    assert not row(**selects).covers(violation())
    assert row(**selects).covers(violation(**other))


def test_several_patterns_of_a_field_are_alternatives() -> None:
    assert row(operations="POST * or GET *", said="a* or no").covers(violation())


def test_what_no_row_covers_is_not_forgiven() -> None:
    assert excuse(violation()) is None
    assert excuse(violation(keyword="required", where="/accountingDocuments/*/invoiceId")) is None
    assert excuse(violation(operation="POST /v1/vendors", rule=Rule.STATUS, status=500)) is None
    assert excuse(violation(rule=Rule.CRASH, status=0)) is None
    assert excuse(violation(rule=Rule.REQUEST, what="'2026-11-02' is not a 'date-time'")) is None


def test_a_business_date_without_a_zone_is_forgiven_but_no_other_time() -> None:
    def said(text: str) -> Deviation | None:
        return excuse(violation(keyword="format", what=f"'{text}' is not a 'date-time'"))

    assert said("2026-11-02T00:00:00") is not None
    assert said("2026-11-02T10:30:00") is None
    assert said("2026-11-02") is None


def test_names_are_told_apart_and_every_row_has_its_source() -> None:
    names = [one.name for one in DEVIATIONS]
    assert len(set(names)) == len(names)
    for one in DEVIATIONS:
        assert re.match(r"(Basware facts|QuickBooks facts|RFC 9110), sections? \d|tests/other_clients$", one.source), (
            one.name
        )


def test_the_page_shows_the_table_as_it_is() -> None:
    shown = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE.read_text(), flags=re.M)
    expected = [
        (one.name, one.what, one.why, one.source, "always" if one.by_default else "by switch") for one in DEVIATIONS
    ]
    assert [each for each in shown if each[4] in {"always", "by switch"}] == expected


def test_the_page_explains_every_rule() -> None:
    page = PAGE.read_text()
    assert [rule.value for rule in Rule if f"| {rule.value} |" not in page] == []
