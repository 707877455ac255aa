"""`ml-connector init`: a home folder, a master key and the tables."""

from ml_connector.app import Settings, initialise
from ml_connector.cli.output import CommandError, ExitCode, print_json, say
from ml_connector.cli.session import translated


def init(*, json: bool = False) -> int:
    """Set this machine up, or bring an older installation's tables up to date. Safe to repeat.

    The home folder is ~/.ml-connector, or ML_CONNECTOR_HOME; the database a file there, or ML_CONNECTOR_DATABASE_URL.

    Parameters
    ----------
    json
        Print the result as JSON.
    """
    settings = Settings()
    with translated():
        try:
            database, made_key = initialise(settings)
        except OSError as error:
            raise CommandError(
                f"{settings.home} cannot be set up: {error}. Name another folder in ML_CONNECTOR_HOME."
            ) from error
        revision = database.revision()
        database.close()
    if made_key:
        say(
            f"A master key was made: {settings.key_file}. Keep a copy elsewhere: without it no stored secret can be read."
        )
    say(f"Ready. Database at revision {revision}. Next: ml-connector connection add FILE")
    if json:
        print_json({"home": str(settings.home), "revision": revision, "master_key_made": made_key})
    return ExitCode.DONE
