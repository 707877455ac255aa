"""`ml-connector settings …`: every setting of a connection with its sentence, and changing single ones."""

from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.cli.options import Connection, Json
from ml_connector.cli.output import CommandError, ExitCode, print_json, print_table, say
from ml_connector.cli.session import opened, person
from ml_connector.work.settings import ConnectionFile, decode_settings
from ml_connector.work.settings_views import changed_to, setting_views, subjects_of

app = App(name="settings", help="The settings of a connection: what each means, its default, and changing it.")


@app.command(name="list")
def list_(about: str = "", *, connection: Connection = "", changed: bool = False, json: Json = False) -> int:
    """List the settings of a connection by subject, each with its value, its default and a sentence.

    Parameters
    ----------
    about
        Only those whose name or sentence has this text.
    changed
        Only those that are not left at their defaults.
    """
    with opened() as installation:
        row = installation.connection(connection)
    wanted = about.casefold()
    found = [
        one
        for subject in subjects_of(decode_settings(row.settings))
        for one in subject.settings
        if (one.changed or not changed) and wanted in f"{one.name} {one.sentence}".casefold()
    ]
    if json:
        print_json(found)
        return ExitCode.DONE
    rows = [(one.name, one.value, one.default if one.changed else "", one.sentence) for one in found]
    print_table("", ("Setting", "Value", "Default, where it differs", "Means"), rows)
    return ExitCode.DONE


@app.command(name="set")
def set_(
    name: str,
    value: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    reason: str = "",
    connection: Connection = "",
    json: Json = False,
) -> int:
    """Change one setting. An empty value is its default; the audit keeps what was before and after.

    Parameters
    ----------
    name
        The setting, such as policy.start_date.
    value
        What it is to be; "" for the default. Lists with commas, tables as JSON.
    reason
        Why, for the audit.
    """
    with opened() as installation:
        row = installation.connection(connection)
        before = decode_settings(row.settings)
        if name not in setting_views(before):
            raise CommandError(f"There is no setting {name}. `ml-connector settings list` shows all.")
        after = changed_to(before, {name: value})
        file = ConnectionFile(name=row.name, settings=after, secrets={})
        installation.add_connection(file, {}, actor=person(), reason=reason)
    shown = setting_views(after)[name]
    say(f"{name} is {shown.value or 'empty'}{'' if shown.changed else ', its default'}.")
    if json:
        print_json(shown)
    return ExitCode.DONE
