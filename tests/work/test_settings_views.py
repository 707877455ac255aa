"""Settings as people see and change them: nothing without its sentence, mistakes in words, defaults marked."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from ml_connector.model.policy import PostingPolicy, SeveralLocations
from ml_connector.work.settings import SECRET_FIELDS, BaswareSettings, ConnectionSettings, SettingsError
from ml_connector.work.settings_changes import changed_settings
from ml_connector.work.settings_labels import LABELS
from ml_connector.work.settings_texts import plain, secret_sentences
from ml_connector.work.settings_views import changed_to, setting_views, subjects_of

SETTINGS = ConnectionSettings(basware=BaswareSettings(company_codes=("US10",)))


def test_every_setting_has_a_sentence() -> None:
    assert [one.name for subject in subjects_of(SETTINGS) for one in subject.settings if not one.sentence] == []


def test_every_name_for_screens_is_of_a_setting_there_is() -> None:
    assert set(LABELS) <= set(setting_views(SETTINGS))


def test_every_secret_has_a_sentence() -> None:
    assert list(secret_sentences()) == list(SECRET_FIELDS)
    assert all(secret_sentences().values())


def test_nothing_is_marked_as_changed_that_is_not() -> None:
    assert [one.name for subject in subjects_of(SETTINGS) for one in subject.settings if one.changed] == []


def test_every_setting_can_be_written_back_as_it_is_shown() -> None:
    shown = {name: view.value for name, view in setting_views(SETTINGS).items()}

    assert changed_to(SETTINGS, shown) == SETTINGS


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("policy.start_date", "2026-12-01", date(2026, 12, 1)),
        ("policy.rounding_limit", "0.05", Decimal("0.05")),
        ("policy.several_locations", "hold", SeveralLocations.HOLD),
        ("policy.billable", "yes", True),
        ("policy.hold_days", "7", 7),
        ("policy.credit_note_type_codes", "CN, CM", ("CN", "CM")),
        ("policy.payable_account_ids", '{"USD": "33"}', {"USD": "33"}),
    ],
)
def test_a_setting_is_changed_by_what_a_person_writes(name: str, text: str, value: Any) -> None:
    changed = changed_to(SETTINGS, {name: text})

    assert getattr(changed.policy, name.partition(".")[2]) == value
    assert setting_views(changed)[name].changed


def test_numbers_lists_and_free_tables_elsewhere_are_read_too() -> None:
    changed = changed_to(
        SETTINGS,
        {
            "quickbooks.limits.kept_for_urgent": "0.3",
            "quickbooks.sign_in.warn_days": "20, 5",
            "schedule.freeze.days": "last 2 working days",
            "schedule.calendar.closed": '["2026-12-24"]',
        },
    )

    assert changed.quickbooks.limits.kept_for_urgent == 0.3
    assert changed.quickbooks.sign_in.warn_days == (20, 5)
    assert changed.schedule.calendar.closed


def test_an_empty_text_is_the_default() -> None:
    changed = changed_to(SETTINGS, {"policy.hold_days": "7", "policy.memo_prefix": "BW"})

    assert changed_to(changed, {"policy.hold_days": "", "policy.memo_prefix": ""}).policy == PostingPolicy()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("policy.start_date", "soon", "no day"),
        ("policy.hold_days", "1.5", "no whole number"),
        ("policy.rounding_limit", "a bit", "no number"),
        ("policy.billable", "maybe", "none of the choices: “yes”, “no”"),
        ("policy.closed_period", "never", "none of the choices: “hold”"),
        ("policy.payable_account_ids", "{USD}", "not JSON"),
        ("basware.company_codes", "", "cannot be empty"),
        ("quickbooks.sign_in.warn_days", "soon", "whole numbers"),
        ("policy.nonsense", "1", "There is no setting policy.nonsense"),
        ("quickbooks.base_url", "http://example.com", "base_url"),
    ],
)
def test_a_mistake_is_told_in_words(name: str, text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        changed_to(SETTINGS, {name: text})


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(SettingsError, match=r"(?s)Start date.*Days until Basware is told"):
        changed_to(SETTINGS, {"policy.start_date": "soon", "policy.hold_days": "x"})


def test_the_audit_keeps_only_what_differs() -> None:
    before, after = msgspec.json.encode(SETTINGS).decode(), changed_to(SETTINGS, {"policy.hold_days": "7"})

    assert changed_settings(before, msgspec.json.encode(after).decode()) == (
        '{"policy.hold_days": 14}',
        '{"policy.hold_days": 7}',
    )
    assert changed_settings(before, before) == ("", "")


def test_links_and_marks_of_the_page_are_not_shown() -> None:
    assert plain("see `hold`, [Taken back](taken-back.md)") == "See hold, Taken back"
