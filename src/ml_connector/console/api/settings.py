"""Settings of a connection, its secrets, which go in and never come out, and whether what is written is proposed first."""

from typing import Annotated, Any

import msgspec

from ml_connector.app import set_up
from ml_connector.console.api.operation import Call, Name, Page, Paged, Reason, Text, reader, sliced, writer
from ml_connector.model.people import Right
from ml_connector.store import secrets
from ml_connector.work.review import Flow, set_review
from ml_connector.work.settings import SECRET_FIELDS, ConnectionSettings, decode_settings
from ml_connector.work.settings_texts import secret_sentences
from ml_connector.work.settings_views import SettingView, subjects_of

Settings = dict[Name, Annotated[str, msgspec.Meta(max_length=10_000)]]
"""Settings by dotted name, each as text; an empty text is the default."""
Secrets = dict[Name, Annotated[str, msgspec.Meta(max_length=10_000)]]
"""Secrets by field, such as `basware.client_secret`."""


class NewSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings by dotted name, such as `policy.posting_date`, each as text; an empty text is the default. All or none are saved.

    `seen`: the values they had when you read them, by name: what somebody else saved since is not overwritten but told.
    """

    settings: Annotated[Settings, msgspec.Meta(min_length=1)]
    reason: Reason
    seen: Settings = {}


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """Whether anything was different, and which settings are so now."""

    changed: bool
    settings: tuple[str, ...]


class SettingQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only settings with a text in their name or sentence; `changed`: only those that are not left at their default."""

    text: Text = ""
    changed: bool = False


class NewSecrets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Secrets by field, such as `basware.client_secret`. What is left out or empty stays as it is stored."""

    secrets: Annotated[Secrets, msgspec.Meta(min_length=1)]
    reason: Text = ""


class SecretLine(msgspec.Struct, frozen=True, kw_only=True):
    """A secret there can be, what it is, and whether one is stored. What it is set to is told nowhere."""

    field: str
    sentence: str
    stored: bool


class Replaced(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that were entered, by name."""

    replaced: tuple[str, ...]


class ReviewOf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether what is written for a flow is proposed first and waits for a release."""

    flow: Flow
    on: bool


def _settings(call: Call) -> ConnectionSettings:
    return decode_settings(call.connection.settings)


def _described(call: Call) -> Page[SettingView]:
    query: SettingQuery = call.query
    wanted = query.text.casefold()
    found = [
        one
        for subject in subjects_of(decode_settings(call.connection.settings))
        for one in subject.settings
        if wanted in f"{one.name} {one.sentence}".casefold() and (one.changed or not query.changed)
    ]
    return sliced(query, found)


def _save(call: Call) -> Saved:
    body: NewSettings = call.body
    changed = set_up.save_settings(
        call.app, call.connection, body.settings, by=call.visitor, reason=body.reason, seen=body.seen
    )
    return Saved(changed=bool(changed), settings=tuple(changed))


def _secrets(call: Call) -> Page[SecretLine]:
    sentences = secret_sentences()
    with call.app.database.read() as tx:
        stored = set(secrets.fields(tx, call.connection.id))
    found = [SecretLine(field=field, sentence=sentences[field], stored=field in stored) for field in SECRET_FIELDS]
    return sliced(call.query, found)


def _replace(call: Call) -> Replaced:
    body: NewSecrets = call.body
    replaced = set_up.replace_secrets(call.app, call.connection, body.secrets, by=call.visitor, reason=body.reason)
    return Replaced(replaced=tuple(replaced))


def _review(call: Call) -> ReviewOf:
    body: ReviewOf = call.body
    with call.desk() as desk:
        set_review(desk, body.flow, on=body.on, actor=call.visitor.actor)
    return body


_TAG, _ONE = "settings", "/connections/{connection}"
_MAY: dict[str, Any] = {"right": Right.ADMINISTER}
OPERATIONS = (
    reader(_TAG, f"{_ONE}/settings", "Its settings, without secrets", ConnectionSettings, _settings, **_MAY),
    reader(
        _TAG, f"{_ONE}/settings/described", "Each setting with its default and what it means", Page[SettingView], _described,
        query=SettingQuery, **_MAY,
    ),
    writer(
        _TAG, f"{_ONE}/settings", "Save settings", Saved, _save, body=NewSettings, **_MAY,
        example={"settings": {"policy.posting_date": "voucher_date"}, "reason": "agreed with the auditor"},
    ),
    reader(_TAG, f"{_ONE}/secrets", "Which secrets are stored, by name only", Page[SecretLine], _secrets, query=Paged, **_MAY),
    writer(
        _TAG, f"{_ONE}/secrets", "Store secrets; they are never shown again", Replaced, _replace, body=NewSecrets, **_MAY,
        example={"secrets": {"basware.client_secret": "…"}, "reason": "rotated"},
    ),
    writer(_TAG, f"{_ONE}/review", "Propose first, or post at once", ReviewOf, _review, body=ReviewOf, **_MAY),
)  # fmt: skip
