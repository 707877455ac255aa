"""The wording of every cause, as data: who can fix it, its title, a sentence with the facts, the way out, and a short form.

One file for each subject, each cause in one of them. Written for accountants; `rules/causes.py` fills in the facts.
"""

from ml_connector.model.holds import Cause
from ml_connector.rules.cause_texts.coding import OF_CODING
from ml_connector.rules.cause_texts.documents import OF_DOCUMENTS
from ml_connector.rules.cause_texts.items import OF_ITEMS
from ml_connector.rules.cause_texts.posted import OF_POSTED
from ml_connector.rules.cause_texts.records import OF_RECORDS
from ml_connector.rules.cause_texts.template import CauseTemplate
from ml_connector.rules.cause_texts.vendors import OF_VENDORS

SUBJECTS = (OF_DOCUMENTS, OF_CODING, OF_ITEMS, OF_VENDORS, OF_POSTED, OF_RECORDS)
"""The causes by subject; none is in two of them."""

CAUSE_TEMPLATES: dict[Cause, CauseTemplate] = {
    cause: template for subject in SUBJECTS for cause, template in subject.items()
}
"""All of them."""
