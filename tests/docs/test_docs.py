"""Keeps the documents true: causes, commands, options, settings, JSON shapes and links are compared with the program itself.

Knows nothing of prose; what a page says beyond that is for readers to judge.
"""

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cyclopts import App

from ml_connector.app import Settings
from ml_connector.basware.regions import Certainty, Environment, Region, addresses
from ml_connector.cli.main import app
from ml_connector.cli.output import ExitCode
from ml_connector.demonstration.tie_out import Tie, TieOut
from ml_connector.model.books import Account, Books, Location, TrackingClass
from ml_connector.model.holds import OF_RECORDS, Cause, Hold, Who
from ml_connector.model.mapping import Condition, Dimension, MappingRule
from ml_connector.model.policy import PostingPolicy, Sources
from ml_connector.model.postings import ChosenDate, Explanation
from ml_connector.rules.causes import describe, short_message
from ml_connector.rules.schedule_words import duration
from ml_connector.rules.timetable import preview
from ml_connector.rules.triggers import spell
from ml_connector.store.alerts import AlertRow
from ml_connector.store.attachments import FileLine
from ml_connector.store.audit_chain import Verdict
from ml_connector.store.calls import CallRow
from ml_connector.store.drift import Drift
from ml_connector.store.people import PeopleAuditRow
from ml_connector.store.schema import DocumentState
from ml_connector.store.token_chains import TokenChainRow
from ml_connector.work import connection_status, month, plan_lines, posting_views, views, webhook_log
from ml_connector.work.accruals.shown import AccrualView
from ml_connector.work.attachments.shown import FileView
from ml_connector.work.budget import Limits
from ml_connector.work.budget_view import BudgetView
from ml_connector.work.changes.settings import ChangeSettings
from ml_connector.work.changes.state import ChangesState, EntityState
from ml_connector.work.credits.shown import CreditView
from ml_connector.work.delivery import Delivered
from ml_connector.work.drift.views import DifferenceView, DriftCase
from ml_connector.work.engine import RunReport
from ml_connector.work.engines.runs import Run
from ml_connector.work.feed_settings import ExtractsSettings, NetworkSettings, SupplierColumns
from ml_connector.work.feeds import contract_views, extract_views, network_views, outcome_views, shown
from ml_connector.work.hold_views import HoldGroup
from ml_connector.work.intake import IntakeReport
from ml_connector.work.jobs import JobReport
from ml_connector.work.link_search import LinkCandidate
from ml_connector.work.mapping_csv import COLUMNS, read_csv
from ml_connector.work.mapping_history import MappingChange, RuleChange
from ml_connector.work.mapping_proposals import ProposedRule
from ml_connector.work.mapping_trial import CodeChange, Trial, TrialLine
from ml_connector.work.mapping_uses import CodeLine, Coverage, DimensionCoverage
from ml_connector.work.messages.settings import MessageSettings
from ml_connector.work.messages.targets import TargetLine
from ml_connector.work.meter import Quota
from ml_connector.work.p2p_settings import (
    AttachmentsFeed,
    EarlyFeed,
    MasterDataSettings,
    MatchingOrdersSettings,
    NoticesFeed,
    OrdersFeed,
    OutcomesFeed,
    PaymentsSettings,
    TakenBackFeed,
    UnclaimedFeed,
    VendorsFeed,
)
from ml_connector.work.payments import shown as payments_shown
from ml_connector.work.people.shown import PersonLine, RoleLine, SessionLine, TokenLine
from ml_connector.work.ping import Check
from ml_connector.work.reactivating.shown import ReactivationView
from ml_connector.work.review import Released
from ml_connector.work.rotation import KeyUse, Rotation
from ml_connector.work.schedule_plans import make_plans
from ml_connector.work.schedule_settings import (
    DEFAULTS,
    BlackoutSettings,
    CalendarSettings,
    CycleSettings,
    FreezeSettings,
    JobSettings,
    ScheduleSettings,
)
from ml_connector.work.schedule_views import CalendarDay, PlannedRun, ScheduledJob
from ml_connector.work.sending.alignment import AlignmentLine, AlignmentReport
from ml_connector.work.sending.shown import RecordLine, RecordView
from ml_connector.work.settings import (
    SECRET_FIELDS,
    BaswareSettings,
    QuickBooksSettings,
    ReviewSettings,
    SignInSettings,
    read_connection_file,
)
from ml_connector.work.settings_views import SettingView
from ml_connector.work.setup.first_plan import FirstPlan, PlannedDocument, WaitingCause
from ml_connector.work.setup.looking import Look
from ml_connector.work.vendors import views as vendor_views
from ml_connector.work.vendors.settings import VendorSettings
from ml_connector.work.webhook_setup.basware import Removed
from ml_connector.work.webhook_setup.quickbooks import QuickBooksWebhook
from ml_connector.work.webhook_setup.standing import SubscriptionLine
from twins.commands.app import app as twins

ROOT = Path(__file__).parents[2]
ERRORS = ROOT / "src" / "ml_connector" / "error_pages"
TOP_PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
PAGES = [*(ROOT / name for name in TOP_PAGES), *sorted((ROOT / "docs").rglob("*.md")), *sorted(ERRORS.glob("*.md"))]
HEADINGS = ("What you see", "Why it happens", "How to fix it", "What Basware is told", "Good to know")

VARYING = {Cause.EXCHANGE_RATE_MISSING, Cause.QUICKBOOKS_REFUSED}
"""Causes whose facts tell who can fix them."""


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _anchor(heading: str) -> str:
    """The anchor that hosting sites give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), flags=re.M)


def _section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of whatever level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, flags=re.M | re.S)
    assert found, f"there is no heading {heading!r}"
    return found[1]


def _first_cells(section: str) -> list[str]:
    """The names in code type in the first column of the section's tables."""
    rows = re.findall(r"^\| (.*?) \|", section, flags=re.M)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


# Causes


def test_every_cause_has_a_page_and_no_page_is_without_a_cause() -> None:
    pages = {page.stem for page in ERRORS.glob("*.md")} - {"README"}

    assert pages == {cause.value for cause in Cause}


@pytest.mark.parametrize("cause", Cause)
def test_the_page_of_a_cause_has_every_part_and_the_words_the_program_uses(cause: Cause) -> None:
    page = _text(ERRORS / f"{cause.value}.md")
    told = describe(Hold(cause=cause))

    assert page.startswith(f"# {told.title}\n")
    assert f"Code `{cause.value}`" in page
    for heading in HEADINGS:
        assert _section(page, heading) is not None
    fix = page.split("## How to fix it", 1)[1].split("## What Basware is told", 1)[0]
    assert fix.count("### ") >= 1
    seen = _one_line(_section(page, "What you see"))
    assert _says(seen, told.sentence)


@pytest.mark.parametrize("cause", sorted(set(Cause) - VARYING - {Cause.ANSWER_REFUSED} - OF_RECORDS))
def test_the_page_of_a_cause_tells_who_fixes_it_and_when_basware_hears_of_it(cause: Cause) -> None:
    page, told = _text(ERRORS / f"{cause.value}.md"), describe(Hold(cause=cause))
    basware = _one_line(_section(page, "What Basware is told"))

    assert f"who can fix it: {told.who.value}\n" in page
    assert ("`answer_fixable_in_basware`" in basware) is told.fixable_in_basware
    assert ("`answer_fixable_here`" in basware) is not told.fixable_in_basware
    assert _says(basware, short_message([Hold(cause=cause)]))


def _says(quoted: str, template: str) -> bool:
    """Whether a text has all the words, in their order, that a cause's text has whatever its facts are."""
    words = iter(re.findall(r"[\w'“”]+", quoted.casefold()))
    fixed = re.sub(r"\(unknown [^)]*\)", " ", template).casefold()
    return all(word in words for word in re.findall(r"[\w'“”]+", fixed))


def test_the_index_of_causes_lists_each_once_with_who_can_fix_it() -> None:
    index = _text(ERRORS / "README.md")

    for cause in Cause:
        told = describe(Hold(cause=cause))
        who = "depends on the reason" if cause in VARYING else told.who.value
        assert index.count(f"| [{told.title}]({cause.value}.md) | `{cause.value}` | {who} |") == 1


@pytest.mark.parametrize("cause", sorted(VARYING))
def test_a_cause_that_different_people_can_fix_takes_the_person_from_its_facts(cause: Cause) -> None:
    assert describe(Hold(cause=cause, facts={"who": Who.MAPPER.value})).who is Who.MAPPER


# Links and examples


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", _text(page)):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in [_anchor(heading) for heading in _headings(_text(there))], f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_printed_in_a_document_is_one_the_program_has(page: Path) -> None:
    for line in _printed_commands(_text(page)):
        assert _understood(line), f"{page.name}: {line}"


def _printed_commands(text: str) -> Iterator[str]:
    """Commands in code type or on lines of code blocks, without comments."""
    for block in re.findall(r"^```[^\n]*\n(.*?)^```", text, flags=re.M | re.S):
        yield from (line.split("  #")[0].strip() for line in block.splitlines() if line.startswith("ml-connector "))
    inline = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    yield from (_one_line(one) for one in re.findall(r"`(ml-connector [^`]+)`", inline))


def _understood(line: str) -> bool:
    """Whether the command exists and every option on it is one of its own."""
    words = [word for word in re.sub(r'"[^"]*"', "TEXT", line).split()[1:] if word not in {"COMMAND", "[OPTIONS]"}]
    names = [" ".join(words[:length]) for length in (4, 3, 2, 1)]
    command = next((COMMANDS[name] for name in names if name in COMMANDS), None)
    if command is None:
        return not words or words[0] in {"--version", "--help"} or words[0] in GROUPS
    options = {word for word in words if word.startswith("--")}
    return options <= {*command.options, "--help"}


def test_readme_names_the_two_commands_and_the_makefile_has_every_target_named() -> None:
    targets = set(re.findall(r"^([a-z-]+):", _text(ROOT / "Makefile"), flags=re.M))
    readme = _text(ROOT / "README.md")

    assert "\nmake demo\n" in readme
    assert "\nmake test\n" in readme
    for page in PAGES:
        named = set(re.findall(r"(?:^|`)make ([a-z-]+)", _text(page), flags=re.M))
        assert named <= targets, page.name


def test_contributing_explains_every_target_of_the_makefile() -> None:
    documented = re.findall(r"^([a-z-]+):.*## ", _text(ROOT / "Makefile"), flags=re.M)
    explained = {name.removeprefix("make ") for name in _first_cells(_text(ROOT / "CONTRIBUTING.md"))}

    assert set(documented) - {"help"} <= explained


def test_architecture_names_only_files_that_exist_and_every_folder_there_is() -> None:
    text, source = _text(ROOT / "ARCHITECTURE.md"), ROOT / "src" / "ml_connector"
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", text))

    assert named
    assert [name for name in sorted(named) if not (source / name).exists()] == []
    folders = {path.parent.name for path in source.glob("*/__init__.py")}
    table = _section(text, "Folders, and what each may know")
    assert {f"{folder}/" for folder in folders} <= set(_first_cells(table))


# The command line


@dataclass(frozen=True)
class Command:
    """A command as the program declares it: its options, without the --no- counterparts, and its positional names."""

    options: frozenset[str]
    positional: frozenset[str]


def _commands(parent: App, prefix: str = "") -> Iterator[tuple[str, Command]]:
    for name in parent:
        if name.startswith("-"):
            continue
        command = parent[name]
        yield from _commands(command, f"{prefix}{name} ")
        if command.default_command is None:
            continue
        arguments = command.assemble_argument_collection()
        names = [name for argument in arguments for name in argument.names]
        kept = frozenset(name for name in names if name.startswith("--") and not name.startswith("--no-"))
        yield f"{prefix}{name}", Command(kept, frozenset(name for name in names if not name.startswith("-")))


COMMANDS = {name: command for name, command in _commands(app) if name != "twins"} | dict(_commands(twins, "twins "))
"""The twins are a program of their own, which `ml-connector twins` hands everything on to."""
GROUPS = {" ".join(words[:length]) for words in map(str.split, COMMANDS) for length in range(1, len(words) + 1)}


def test_the_introspection_sees_the_commands_the_program_lists() -> None:
    assert {"init", "sync", "status", "demo", "connection add", "holds decide"} <= set(COMMANDS)
    assert {"twins serve", "twins act", "twins faults add", "twins webhooks luck add"} <= set(COMMANDS)
    assert COMMANDS["sync"].options == {"--connection", "--only", "--watch", "--interval", "--despite", "--json"}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_command_page_names_a_command_with_each_option_and_an_example(name: str) -> None:
    section = _section(_text(ROOT / "docs" / "cli.md"), f"`ml-connector {name}`")
    named = {word for word in _first_cells(section) if word.startswith("--")}

    assert named == set(COMMANDS[name].options)
    assert f"\nml-connector {name}" in section


def test_the_command_page_has_no_command_the_program_lacks() -> None:
    headings = re.findall(r"^#+ `ml-connector (.+)`$", _text(ROOT / "docs" / "cli.md"), flags=re.M)

    assert set(headings) == set(COMMANDS) | {name for name in GROUPS if name not in COMMANDS}


def test_the_command_page_has_every_exit_code_and_every_state() -> None:
    text = _text(ROOT / "docs" / "cli.md")
    codes = re.findall(r"^\| (\d+) \|", _section(text, "Exit codes"), flags=re.M)

    assert {int(code) for code in codes} == {code.value for code in ExitCode} | {130}
    states = _section(text, "`ml-connector documents list`")
    assert all(f"`{state.value}`" in states or f'`"{state.value}"`' in states for state in DocumentState)


SHAPES: dict[str, type[msgspec.Struct]] = {
    "SignIn" if shape is TokenChainRow else shape.__name__: shape
    for shape in (
        AlertRow, TargetLine, JobReport, Run, ChangesState, EntityState, Drift, DriftCase, DifferenceView,
        CallRow, Check, RunReport, IntakeReport, Delivered, MappingRule, Condition, ProposedRule, TieOut, Tie, Explanation,
        CreditView, KeyUse, LinkCandidate, Rotation, BudgetView, ScheduledJob, PlannedRun, CalendarDay,
        month.MonthView, month.MonthCount,
        connection_status.StatusView, connection_status.StateCount, views.DocumentLine, views.TransactionView, views.DocumentView,
        ChosenDate,
        payments_shown.PaymentLine, payments_shown.PaymentView, payments_shown.SettledPart, payments_shown.PayingLine,
        payments_shown.ResponseLine,
        Coverage, CodeLine, DimensionCoverage, MappingChange, RuleChange, Trial, TrialLine, CodeChange,
        SettingView,
        FirstPlan, PlannedDocument, WaitingCause, Look,
        FileLine, FileView, AccrualView, TokenChainRow, shown.FeedLine, shown.OrderLine, shown.OrderLinkLine,
        contract_views.ContractLine, contract_views.SpendLine,
        contract_views.ContractView, outcome_views.OutcomeLine,
        plan_lines.PlanLine, plan_lines.PlanPosting, Released, Verdict,
        views.CauseView, posting_views.PostingView, posting_views.LineView, views.EventView, HoldGroup,
        ReactivationView,
        extract_views.ExtractLine, extract_views.ExtractView, extract_views.ExtractFileLine,
        SubscriptionLine, QuickBooksWebhook, Removed,
        webhook_log.DeliveryLine, webhook_log.DeliveryView, webhook_log.NoticeView, webhook_log.Replayed,
        RecordLine, RecordView, AlignmentReport, AlignmentLine,
        vendor_views.VendorLine, vendor_views.VendorCause, vendor_views.VendorView, vendor_views.FieldLine,
        vendor_views.CandidateLine, vendor_views.ReviewLine,
        PersonLine, RoleLine, SessionLine, TokenLine, PeopleAuditRow,
        network_views.NetworkLine, network_views.NetworkFileLine, network_views.NetworkView,
    )
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_documented_json_shape_is_the_programs(name: str) -> None:
    section = _section(_text(ROOT / "docs" / "cli.md"), name)
    documented = re.findall(r"^\| `([^`]+)` \|", section, flags=re.M)

    assert documented == [field.encode_name for field in msgspec.structs.fields(SHAPES[name])]


def test_every_shape_that_people_are_shown_is_documented() -> None:
    shown = {
        name
        for module in (views, posting_views, connection_status)
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    }

    assert shown <= set(SHAPES)


# Settings


@pytest.mark.parametrize(
    ("heading", "struct"),
    [
        ("`[quickbooks]`", QuickBooksSettings),
        ("`[quickbooks.limits]`", Limits),
        ("`[quickbooks.sign_in]`", SignInSettings),
        ("`[quickbooks.quota]`", Quota),
        ("`[basware]`", BaswareSettings),
        ("`[basware.orders]`", OrdersFeed),
        ("`[basware.vendors]`", VendorsFeed),
        ("`[basware.payments]`", PaymentsSettings),
        ("`[basware.taken_back]`", TakenBackFeed),
        ("`[basware.early]`", EarlyFeed),
        ("`[basware.unclaimed]`", UnclaimedFeed),
        ("`[basware.outcomes]`", OutcomesFeed),
        ("`[basware.notices]`", NoticesFeed),
        ("`[basware.network]`", NetworkSettings),
        ("`[basware.extracts]`", ExtractsSettings),
        ("`[basware.extracts.suppliers]`", SupplierColumns),
        ("`[changes]`", ChangeSettings),
        ("`[policy]`", PostingPolicy),
        ("`[schedule]`", ScheduleSettings),
        ("`[basware.attachments]`", AttachmentsFeed),
        ("`[basware.master_data]`", MasterDataSettings),
        ("`[basware.matching_orders]`", MatchingOrdersSettings),
        ("`[vendors]`", VendorSettings),
        ("`[review]`", ReviewSettings),
        ("`[messages]`", MessageSettings),
        ("`[schedule.calendar]`", CalendarSettings),
        ("`[schedule.cycles.<name>]`", CycleSettings),
        ("`[[schedule.blackouts]]`", BlackoutSettings),
        ("`[schedule.freeze]`", FreezeSettings),
        ("`[schedule.jobs.<job>]`", JobSettings),
        ("`[policy.sources]`", Sources),
    ],
)
def test_every_setting_is_explained_with_its_default(heading: str, struct: type[msgspec.Struct]) -> None:
    section = _section(_text(ROOT / "docs" / "connect.md"), heading)
    rows = dict(re.findall(r"^\| `([^`]+)` \| (.+?) \|", section, flags=re.M))
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}

    assert set(rows) == set(fields)
    for name, field in fields.items():
        if rows[name] == "see below":
            assert isinstance(field.default, msgspec.Struct) or field.default_factory is not msgspec.NODEFAULT
        elif field.required:
            assert rows[name] == "none: required"
        else:
            assert rows[name].strip("`") == _default(field)


def test_a_schedule_in_the_documents_can_be_read_and_has_runs() -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```", _text(ROOT / "docs" / "schedules.md"), flags=re.M | re.S)

    assert len(blocks) >= 6
    for block in blocks:
        file = f'name = "x"\n[basware]\ncompany_codes = ["US10"]\n{block}'
        schedule = read_connection_file(file, is_json=False).settings.schedule
        assert schedule != ScheduleSettings()
        for plan in make_plans(schedule, "x").values():
            assert len(preview(plan, datetime(2026, 12, 1, tzinfo=UTC), 3)) == 3


def test_the_schedule_page_has_every_job_with_its_default_interval() -> None:
    section = _section(_text(ROOT / "docs" / "schedules.md"), "Jobs and their defaults")
    rows = dict(re.findall(r"^\| `([^`]+)` \| every ([^,|]+?)(?:, and after .*)? \|", section, flags=re.M))

    assert rows == {job: spell(duration(own.every)).removeprefix("1 ") for job, own in DEFAULTS.items()}


def _default(field: msgspec.structs.FieldInfo) -> str:
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return msgspec.json.Encoder(decimal_format="number").encode(value).decode()


@pytest.mark.parametrize("field", msgspec.structs.fields(PostingPolicy), ids=lambda field: field.name)
def test_every_choice_of_a_policy_is_written_out(field: msgspec.structs.FieldInfo) -> None:
    section = _section(_text(ROOT / "docs" / "connect.md"), "`[policy]`")
    answers = _section(_text(ROOT / "docs" / "connect.md"), "`[policy]`").split("`answer_fixable_here`")[0]

    for choice in getattr(field.type, "__members__", {}).values():
        assert f'`"{choice.value}"`' in (answers if field.name == "answer_fixable_here" else section)


def test_every_secret_is_named_with_its_section() -> None:
    section = _section(_text(ROOT / "docs" / "connect.md"), "Secrets")
    rows = re.findall(r"^\| `([a-z_]+)` \| `\[([a-z]+)\]` \|", section, flags=re.M)

    assert [f"{part}.{name}" for name, part in rows] == list(SECRET_FIELDS)


def test_every_variable_of_the_installation_is_explained() -> None:
    section = _section(_text(ROOT / "docs" / "connect.md"), "Where the installation lives")

    assert {f"ML_CONNECTOR_{name.upper()}" for name in Settings.model_fields} <= set(_first_cells(section))


def test_the_hosts_in_the_documents_are_those_the_program_calls() -> None:
    section = _section(_text(ROOT / "docs" / "connect.md"), "Regions and hosts")

    for region in Region:
        for environment in Environment:
            where = addresses(region, environment)
            assert f"| {region} | {environment} | `{where.base_url}` |" in section
    assert addresses(Region.EU, Environment.PRODUCTION).certainty is Certainty.DOCUMENTED


@pytest.mark.parametrize("page", ["connect.md", "get-started.md"])
def test_a_connection_file_in_the_documents_can_be_read(page: str) -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```", _text(ROOT / "docs" / page), flags=re.M | re.S)
    whole = [block for block in blocks if block.startswith("name =")]

    assert whole
    for block in whole:
        file = read_connection_file(block, is_json=False)
        assert file.settings.basware.company_codes
        assert "quickbooks.refresh_token" in file.secrets


@pytest.mark.parametrize("page", sorted(ERRORS.glob("*.md")), ids=lambda page: page.stem)
def test_a_line_of_policy_given_as_a_remedy_is_one_the_program_takes(page: Path) -> None:
    for line in re.findall(r"put `([^`]+)` into the section `\[policy\]`", _one_line(_text(page)), flags=re.I):
        file = f'name = "x"\n[basware]\ncompany_codes = ["US10"]\n[policy]\n{line}\n'
        assert read_connection_file(file, is_json=False).settings.policy != PostingPolicy() or _is_default(line)


def _is_default(line: str) -> bool:
    """Remedies that lead back from another choice to the default one."""
    name = line.split(" = ", maxsplit=1)[0]
    value = _default(next(field for field in msgspec.structs.fields(PostingPolicy) if field.name == name))
    return line == f"{name} = {value}"


def test_the_mapping_page_has_every_dimension_and_column() -> None:
    text = _text(ROOT / "docs" / "mapping.md")
    dimensions = _section(text, "Dimensions and where their codes come from")

    assert _first_cells(dimensions)[: len(Dimension)] == [one.value for one in Dimension]
    assert [name for name in _first_cells(_section(text, "The table")) if name in COLUMNS] == list(COLUMNS)
    header = re.findall(r"^```csv\n(.*?)\n", text, flags=re.M)[0]
    assert header.split(",") == list(COLUMNS)


def test_every_table_in_the_mapping_page_has_the_form_of_an_import() -> None:
    tables = re.findall(r"^```csv\n(.*?)^```", _text(ROOT / "docs" / "mapping.md"), flags=re.M | re.S)

    assert tables
    for table in tables:
        rows = list(csv.DictReader(io.StringIO(table)))
        assert rules_of(table)
        assert len(rules_of(table)) == len(rows)


def rules_of(table: str) -> list[MappingRule]:
    """The table's rules, in books that have every target it names."""
    targets = {row["target"] for row in csv.DictReader(io.StringIO(table))} - {"none"}
    books = Books(
        accounts={target: Account(id=target, name=target) for target in targets},
        locations={target: Location(id=target, name=target) for target in targets},
        classes={target: TrackingClass(id=target, name=target) for target in targets},
    )
    return read_csv(table, books)


# The program as it is installed


def test_the_installed_command_prints_the_help_of_every_command_the_page_has() -> None:
    program = shutil.which("ml-connector") or str(ROOT / ".venv" / "bin" / "ml-connector")
    answer = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=60, check=True)

    assert all(re.search(rf"\b{name.split()[0]}\b", answer.stdout) for name in COMMANDS)
