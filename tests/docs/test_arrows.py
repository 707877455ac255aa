"""Each arrow between the two systems has a table in the documents (source field, rule, target field, limits), tests that look at
every target field, and a scenario on both twins that ends by comparing both books.

Held here: no table without tests and scenario, no row whose target nobody looks at, no scenario that is not there.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEADER = re.compile(r"^\|[^|]+\| *[Rr]ule *\|[^|]+\| *[Ll]imits? *\|$")
"""A table of an arrow: source, rule, target, limits."""


@dataclass(frozen=True)
class Arrow:
    """What moves: where its tables are, the tests of its rules, and the scenario that compares both books."""

    name: str
    page: str
    headings: tuple[str, ...]
    tests: tuple[str, ...]
    scenario: tuple[str, str]


POSTING = ("tests/rules", "tests/quickbooks", "tests/system/test_demo_company.py", "tests/system/test_value_added_tax.py",
           "tests/work/items", "tests/rules/test_billing.py", "bench/world.py")  # fmt: skip
LISTS = (
    "tests/flows/test_master_data.py",
    "tests/work/sending",
    "tests/system/test_master_data.py",
    "bench/sent_lists.py",
)
ORDERS = ("tests/flows/test_orders_out.py", "tests/work/orders", "tests/system/test_orders.py", "bench/order_books.py",
          "tests/system/test_orders_in_foreign_currency.py")  # fmt: skip
VENDORS = ("tests/work/vendors", "tests/rules/test_vendor_merge.py", "tests/rules/test_vendor_match.py", "bench/vendor_scenes.py",
           "tests/system/test_vendors_both_ways.py", "bench/vendor_sides.py", "bench/vendor_story.py")  # fmt: skip
YEAR_OF_LISTS = (
    "tests/system/test_master_data.py",
    "test_a_year_of_changes_in_quickbooks_ends_with_the_same_lists_in_both",
)

ARROWS = (
    Arrow(
        "invoices and what Basware is told of them", "posting-rules.md",
        ("## Field by field", "### What Basware is told", "### Tax elsewhere"),
        (*POSTING, "tests/basware", "tests/flows/test_answers.py"),
        ("tests/system/test_demo_company.py", "test_both_systems_own_books_are_sound_and_agree_to_the_cent"),
    ),
    Arrow(
        "items and billable rows", "posting-rules.md", ("## Items", "## Billed on to customers"), POSTING,
        ("tests/system/test_items_and_credits.py", "test_products_projects_and_credits_come_out_alike_in_both_books"),
    ),
    Arrow(
        "companies", "intercompany.md", ("## The rules",), ("tests/system/test_intercompany.py",),
        ("tests/system/test_intercompany.py",
         "test_documents_mixed_in_one_poll_are_each_in_their_own_companys_books_once_and_answered"),
    ),
    Arrow(
        "prebookings and accruals", "before-transfer.md", ("## The rules of answers", "## Accruals"),
        ("tests/system/test_accruals.py", "tests/system/test_before_transfer.py", "tests/rules/test_accrual.py", "bench/ledgers.py",
         "tests/work/accruals", "tests/basware"),
        ("tests/system/test_accruals.py", "test_prebooked_changed_approved_and_posted_the_cost_is_never_in_the_books_twice"),
    ),
    Arrow(
        "documents taken back", "taken-back.md", ("## The rules",),
        ("tests/rules/test_taken_back.py", "tests/system/test_taken_back.py"),
        ("tests/system/test_taken_back.py", "test_in_closed_books_nothing_is_deleted_and_a_reversal_is_dated_today"),
    ),
    Arrow(
        "vendor credits", "vendor-credits.md", ("## The rules",), ("tests/flows/test_credits.py", "tests/work/credits", "bench"),
        ("tests/system/test_items_and_credits.py", "test_products_projects_and_credits_come_out_alike_in_both_books"),
    ),
    Arrow(
        "files", "attachments.md", ("## From where to where",),
        ("tests/rules/test_attachments.py", "tests/work/test_attachments.py", "tests/quickbooks", "bench/paper_files.py"),
        ("tests/system/test_a_whole_day.py", "test_a_day_by_schedule_does_all_work_within_the_budget_and_writes_no_secret"),
    ),
    Arrow(
        "lists and dimensions", "master-data.md",
        ("### Accounts", "### Cost centres", "### Projects", "### Generic lists", "### Tax codes", "### Payment terms",
         "### Exchange rates"),
        LISTS, YEAR_OF_LISTS,
    ),
    Arrow(
        "vendors both ways", "vendors.md", ("## From QuickBooks to Basware", "## From Basware to QuickBooks"), VENDORS,
        ("tests/system/test_vendors_both_ways.py", "test_after_a_month_of_changes_both_systems_have_the_same_vendors"),
    ),
    Arrow(
        "orders of QuickBooks", "orders.md", ("### The head", "### The lines"), ORDERS,
        ("tests/system/test_orders.py", "test_a_month_of_orders_in_quickbooks_ends_with_both_books_agreeing"),
    ),
    Arrow(
        "orders of Basware", "orders.md", ("## From Basware to QuickBooks",), ORDERS,
        ("tests/system/test_orders.py", "test_a_month_of_orders_in_basware_ends_with_both_books_agreeing"),
    ),
    Arrow(
        "invoices matched with orders", "orders.md", ("## Invoices matched with an order",), ORDERS,
        ("tests/system/test_orders.py", "test_an_order_is_billed_in_parts_over_billed_and_reopened_and_both_books_agree"),
    ),
    Arrow(
        "contracts", "orders.md", ("## Contracts",), (*ORDERS, "tests/cli/test_orders.py"),
        ("tests/system/test_orders.py", "test_a_contract_and_a_spend_that_basware_announces_are_here_at_the_next_look"),
    ),
    Arrow(
        "payments", "payments.md", ("## From QuickBooks to Basware",),
        ("tests/flows/test_payments.py", "tests/work/payments", "tests/system/test_payments.py", "bench/payday.py"),
        ("tests/system/test_payments.py", "test_a_month_of_payments_ends_with_both_books_agreeing"),
    ),
)  # fmt: skip


@cache
def tables(page: str) -> dict[str, list[list[str]]]:
    """The tables of arrows in a page: their rows, each as its cells, by the heading above them."""
    found: dict[str, list[list[str]]] = {}
    heading, inside = "", False
    for line in (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines():
        heading = line if line.startswith("#") else heading
        if HEADER.match(line):
            inside = True
            found.setdefault(heading, [])
        elif not line.startswith("|"):
            inside = False
        elif inside and not line.startswith("|---"):
            found[heading].append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return found


@cache
def source_of(tests: tuple[str, ...]) -> str:
    paths = [
        path for one in tests for path in ([ROOT / one] if one.endswith(".py") else sorted((ROOT / one).rglob("*.py")))
    ]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def rows() -> Iterator[tuple[Arrow, list[str]]]:
    for arrow in ARROWS:
        for heading in arrow.headings:
            for cells in tables(arrow.page).get(heading, []):
                yield arrow, cells


def test_every_table_of_an_arrow_belongs_to_an_arrow_that_has_tests_and_a_scenario() -> None:
    there = {(page.name, heading) for page in (ROOT / "docs").glob("*.md") for heading in tables(page.name)}
    named = {(arrow.page, heading) for arrow in ARROWS for heading in arrow.headings}
    assert there == named


@pytest.mark.parametrize("arrow", ARROWS, ids=lambda arrow: arrow.name)
def test_an_arrow_has_a_table_with_all_four_columns_filled_and_tests_that_are_there(arrow: Arrow) -> None:
    for heading in arrow.headings:
        found = tables(arrow.page)[heading]
        assert found
        for cells in found:
            assert len(cells) == 4, cells
            assert cells[0], cells
            assert cells[1] or cells[2], cells
    for one in arrow.tests:
        assert (ROOT / one).exists(), one


@pytest.mark.parametrize(
    ("arrow", "cells"), [pytest.param(*one, id=f"{one[0].name}-{n}") for n, one in enumerate(rows())]
)
def test_every_target_field_in_the_table_is_looked_at_by_the_tests_of_its_arrow(arrow: Arrow, cells: list[str]) -> None:
    fields = [part for name in re.findall(r"`([^`]+)`", cells[2]) for part in re.split(r"[^A-Za-z0-9_]+", name) if part]
    if fields:
        assert any(field in source_of(arrow.tests) for field in fields), f"no test of {arrow.name} looks at {fields}"


@pytest.mark.parametrize("arrow", ARROWS, ids=lambda arrow: arrow.name)
def test_the_scenario_of_an_arrow_compares_what_both_twins_have(arrow: Arrow) -> None:
    page, name = arrow.scenario
    text = (ROOT / page).read_text(encoding="utf-8")
    functions = {one.name: one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.FunctionDef)}
    assert name in functions, (
        f"{page} has no {name}; it has {sorted(one for one in functions if one.startswith('test_'))}"
    )
    assert any(isinstance(node, ast.Assert) for node in ast.walk(functions[name]))
