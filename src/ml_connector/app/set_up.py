"""What people change about a connection itself, whether on a page or through a program: beginning one, its settings and secrets,
the way to Intuit and back, the check of both systems.

Rights are the caller's to look at; what each step takes is decided in `work/setup/`.
"""

from collections.abc import Mapping, Sequence

from ml_connector.app.installation import App
from ml_connector.app.registration import CompanyCodeTakenError
from ml_connector.model.people import Right, Visitor
from ml_connector.store import connections
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.errors import ConnectionExistsError
from ml_connector.work.people.directory import administers_everything, require_right_to_place
from ml_connector.work.ping import Check
from ml_connector.work.settings import (
    SECRET_FIELDS,
    ConnectionFile,
    ConnectionSettings,
    MissingSecretError,
    SettingsError,
    decode_settings,
)
from ml_connector.work.settings_views import SettingView, changed_to, setting_views
from ml_connector.work.setup.progress import good_enough, note_check
from ml_connector.work.setup.steps import new_connection, require_connected, require_in_setup
from ml_connector.work.sign_in.links import Link


def begin(app: App, name: str, codes: Sequence[str], by: Visitor) -> tuple[ConnectionRow, bool]:
    """A connection that rests until it is released, and whether it is new: somebody may have pressed twice, or been quicker.

    Raises SettingsError, CompanyCodeTakenError and ConnectionExistsError.
    """
    file = new_connection(name, codes)
    with app.database.read() as tx:
        known = next((row for row in connections.list_all(tx) if row.name == file.name and by.rights(row.id)), None)
    if (
        known is not None
        and known.setup_since is not None
        and known.company_codes == file.settings.basware.company_codes
    ):
        return known, False
    return app.add_connection(file, {}, actor=by.actor, in_setup=True, must_be_new=True), True


def save_settings(
    app: App, row: ConnectionRow, written: Mapping[str, str], *, by: Visitor, reason: str,
    secrets: Mapping[str, str] | None = None, seen: Mapping[str, str] | None = None,
) -> list[str]:  # fmt: skip
    """Save settings as somebody wrote them, with secrets if some are given; the names of the settings that are different now.

    `seen`: the values they were shown. What they left as it was keeps what somebody else saved meanwhile, and what both changed
    differently is told instead of saved. Raises SettingsError, also where somebody who looks after one company only would change
    where secrets or files go.
    """
    given = known_secrets(secrets or {})
    before = decode_settings(row.settings)
    known = setting_views(before)
    own = {name: text for name, text in written.items() if not _same(text, (seen or {}).get(name))}
    different = {name: text for name, text in own.items() if name not in known or not _same(text, known[name].value)}
    _require_undisputed(known, different, seen or {})
    after = changed_to(before, different)
    if after == before and not given:
        return []
    require_right_to_place(by, before, after)
    _save(app, row, after, given, by, reason)
    now = setting_views(after)
    return [name for name in known if known[name].value != now[name].value]


def _same(one: str, other: str | None) -> bool:
    """Whether two texts of a field are the same: browsers send line ends of their own."""
    return other is not None and one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


def _require_undisputed(known: Mapping[str, SettingView], written: Mapping[str, str], seen: Mapping[str, str]) -> None:
    disputed = [
        f"{known[name].label}: somebody saved “{known[name].value or 'nothing'}” since this page was opened, you wrote “{text}”."
        for name, text in written.items()
        if name in known and name in seen and not _same(seen[name], known[name].value)
    ]
    if disputed:
        raise SettingsError(
            "\n".join((*disputed, "Agree with each other; what you wrote still stands here to be saved."))
        )


def replace_secrets(app: App, row: ConnectionRow, secrets: Mapping[str, str], *, by: Visitor, reason: str) -> list[str]:
    """Store the secrets that were entered; their names. Empty ones keep what is stored. Raises SettingsError."""
    given = known_secrets(secrets)
    if not given:
        raise SettingsError("No secret was entered, so nothing was changed.")
    _save(app, row, decode_settings(row.settings), given, by, reason)
    return list(given)


def _save(  # noqa: PLR0917
    app: App, row: ConnectionRow, settings: ConnectionSettings, secrets: Mapping[str, str], by: Visitor, reason: str
) -> None:
    """Save a connection. What is in its way may be another one: it is not named to whoever may not know of it."""
    file = ConnectionFile(name=row.name, settings=settings, secrets={})
    try:
        app.add_connection(file, secrets, actor=by.actor, reason=reason)
    except CompanyCodeTakenError as error:
        with app.database.read() as tx:
            other = next((one for one in connections.list_all(tx) if one.name == error.other), None)
        known = other is not None and bool(by.rights(other.id))
        raise CompanyCodeTakenError(error.code, error.other if known else "") from error
    except ConnectionExistsError as error:
        if administers_everything(by):
            raise
        words = "Another connection already joins this QuickBooks company and this Basware company."
        raise ConnectionExistsError(words) from error


def known_secrets(entered: Mapping[str, str]) -> dict[str, str]:
    """What was entered of secrets, without empty ones. Raises SettingsError for a name that is none; it never quotes a value."""
    if unknown := sorted(set(entered) - set(SECRET_FIELDS)):
        raise SettingsError(f"There is no secret {', '.join(unknown)[:200]}. There are: {', '.join(SECRET_FIELDS)}.")
    return {field: entered[field].strip() for field in SECRET_FIELDS if entered.get(field, "").strip()}


def link_to_connect(app: App, row: ConnectionRow, where: str, *, actor: str) -> Link:
    """A link with which an administrator of the QuickBooks company connects it. `where`: our address as browsers reach it.

    Raises SettingsError without that address or without the keys of the Intuit app.
    """
    if not where:
        raise SettingsError(
            "Intuit cannot send anybody back here: ML_CONNECTOR_PUBLIC_URL is not set. Set it to where browsers reach this "
            "installation, such as https://connector.example.com, and start the server again."
        )
    try:
        return app.connecting().link(row, where, actor)
    except MissingSecretError as error:
        raise SettingsError("Enter the client id and the client secret of your Intuit app first.") from error


def disconnect(app: App, row: ConnectionRow, *, reason: str, actor: str) -> str:
    """Give the sign-in back to Intuit, forget its tokens and let the connection rest; what became of it at Intuit, in words.

    Raises SettingsError without a reason, and what Intuit's refusal raises.
    """
    if not reason.strip():
        raise SettingsError("Say why it is disconnected, for whoever finds it later.")
    return app.connecting().disconnect(row, actor, reason)


def check(app: App, row: ConnectionRow, by: Visitor) -> list[Check]:
    """Ask both systems whether it works. Somebody who sets it up has made the step with that. Raises MissingSecretError."""
    checks = app.ping(row)
    if row.setup_since is not None and by.may(row.id, Right.ADMINISTER):
        note_check(app.database, row, works=good_enough(checks), actor=by.actor, now=app.clock.now())
    return checks


def check_in_setup(app: App, row: ConnectionRow, by: Visitor) -> list[Check]:
    """The same as a step of the set-up. Raises SetupError for one that is released, and before both systems are connected."""
    require_in_setup(row)
    require_connected(app.database, row)
    return check(app, row, by)
