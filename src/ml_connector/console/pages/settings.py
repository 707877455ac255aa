"""Every setting of a connection by subject, with its sentence and default, and secrets that are replaced and never shown.

What a setting is and whether it may be so is `work/settings_views.py`; saving is `app/set_up.py`.
"""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ml_connector.app import set_up
from ml_connector.console.forms import Fields
from ml_connector.console.screens import Console
from ml_connector.model.people import Right
from ml_connector.store import secrets
from ml_connector.store.connections import ConnectionRow
from ml_connector.work.settings import SECRET_FIELDS, decode_settings
from ml_connector.work.settings_texts import secret_sentences
from ml_connector.work.settings_views import subjects_of

SECRETS = "secrets"
"""The subject of what is never shown."""


def router(console: Console) -> APIRouter:
    """GET and POST /c/{connection}/settings, one subject a page, and POST of its secrets."""
    routes, screen = APIRouter(prefix="/c/{connection}/settings", include_in_schema=False), _Screen(console)
    routes.get("")(screen.show)
    routes.post("")(screen.save)
    routes.post("/secrets")(screen.replace_secrets)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console, self._app = console, console.app

    def show(
        self,
        request: Request,
        connection: str,
        subject: str = "policy",
        text: str = "",
        format: str = "",  # noqa: A002
    ) -> Response:
        """One subject, or whatever has a text in its name or sentence."""
        row = self._console.connection(request, connection, Right.ADMINISTER)
        return self._shown(request, row, subject, text=text, format_=format)

    def save(self, request: Request, connection: str, fields: Fields) -> Response:
        """Save what was changed on the page."""
        row = self._console.connection(request, connection, Right.ADMINISTER)
        section, reason = fields.get("subject", "policy"), fields.get("reason", "")
        changed = save_settings(self._console, request, row, settings_in(fields), seen=seen_in(fields), reason=reason)
        words = f"Saved: {', '.join(changed)}." if changed else "Nothing was different, so nothing was changed."
        return self._console.done(request, words, to=f"/c/{row.name}/settings?subject={section}")

    def replace_secrets(self, request: Request, connection: str, fields: Fields) -> Response:
        """Store the secrets that were entered. Empty fields keep what is stored."""
        row = self._console.connection(request, connection, Right.ADMINISTER)
        by, reason = self._console.visitor(request), fields.get("reason", "")
        given = set_up.replace_secrets(self._app, row, secrets_in(fields), by=by, reason=reason)
        return self._console.done(
            request,
            f"Replaced: {', '.join(given)}. They are not shown again.",
            to=f"/c/{row.name}/settings?subject={SECRETS}",
        )

    def _shown(
        self,
        request: Request,
        row: ConnectionRow,
        subject: str,
        *,
        text: str = "",
        format_: str = "",
    ) -> Response:
        subjects = subjects_of(decode_settings(row.settings))
        if format_ == "csv":
            header = ("Setting", "Value", "Default", "Changed", "Means")
            rows = [
                (one.name, one.value, one.default, "yes" if one.changed else "", one.sentence)
                for each in subjects
                for one in each.settings
            ]
            return self._console.csv(f"settings-{row.name}.csv", header, rows)
        found = text.casefold()
        shown = [one for each in subjects for one in each.settings if found in f"{one.name} {one.sentence}".casefold()]
        with self._app.database.read() as tx:
            stored = set(secrets.fields(tx, row.id))
        chosen = next((one for one in subjects if one.section == subject), None)
        return self._console.page(
            request, "settings/show.html", connection=row.name,
            subjects=subjects, subject=chosen, section=chosen.section if chosen else SECRETS,
            found=shown if text else None, text=text,
            secrets=[(field, secret_sentences()[field], field in stored) for field in SECRET_FIELDS],
        )  # fmt: skip


def save_settings(
    console: Console, request: Request, row: ConnectionRow, written: Mapping[str, str], *,
    seen: Mapping[str, str] | None = None, reason: str = "", given: Mapping[str, str] | None = None,
) -> list[str]:  # fmt: skip
    """Save settings as this visitor wrote them; as `app/set_up.py` tells. Raises SettingsError."""
    by = console.visitor(request)
    return set_up.save_settings(console.app, row, written, seen=seen, secrets=given, by=by, reason=reason)


def secrets_in(fields: Mapping[str, str]) -> dict[str, str]:
    """The secrets that were entered, by field."""
    return {
        field: fields[f"secret:{field}"].strip() for field in SECRET_FIELDS if fields.get(f"secret:{field}", "").strip()
    }


def settings_in(fields: Mapping[str, str]) -> dict[str, str]:
    """What was written into the fields of settings, by name."""
    return {name.removeprefix("set:"): text for name, text in fields.items() if name.startswith("set:")}


def seen_in(fields: Mapping[str, str]) -> dict[str, str]:
    """What those fields showed when their page was opened, by name."""
    return {name.removeprefix("was:"): text for name, text in fields.items() if name.startswith("was:")}


def touched_in(fields: Mapping[str, str]) -> dict[str, str]:
    """What was written where it differs from what was shown: with a mistake only that comes back, beside what others saved."""
    seen = seen_in(fields)
    return {name: text for name, text in settings_in(fields).items() if text != seen.get(name)}
