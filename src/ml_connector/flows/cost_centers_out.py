"""Cost centres: QuickBooks' locations, which its wire calls departments.

Pure: codes are decided in `codes_out.py`, the wording for Basware in `basware/`.
"""

from ml_connector.flows.codes_out import Known, code_records
from ml_connector.flows.naming_out import readable
from ml_connector.model.books import Books
from ml_connector.model.master_data import CostCenterRecord, Planned


def plan_cost_centers(known: Known, books: Books) -> list[Planned]:
    """The cost centres Basware is to have: active locations, none of them while the company does not track locations."""
    tracked = books.preferences.track_locations
    return [
        one.planned(
            known,
            CostCenterRecord(
                external_code=one.external_code,
                code=one.code,
                name=readable(one.record.full_name or one.record.name, one.code),
                active=one.active,
            ),
        )
        for one in code_records(known, books, books.locations, lambda _: tracked)
    ]
