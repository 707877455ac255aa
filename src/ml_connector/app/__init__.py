"""The only place where the parts are put together; the command line and the console ask here and nowhere else.

`settings.py` knows where an installation keeps its things, `installation.py` is one that runs, `registration.py` saves connections.
`quickbooks_side.py` and `basware_side.py` make each system's clients, with the secrets that `credentials.py` opens. `finding.py`
and `mates.py` answer which connection is meant, and which belong together.
"""

from ml_connector.app.installation import App
from ml_connector.app.registration import CompanyCodeTakenError, OtherCompanyError
from ml_connector.app.settings import NotSetUpError, Settings, initialise

__all__ = ["App", "CompanyCodeTakenError", "NotSetUpError", "OtherCompanyError", "Settings", "initialise"]
