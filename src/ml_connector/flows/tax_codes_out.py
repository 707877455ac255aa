"""Tax codes of companies outside the US, with the rate of a purchase. US companies compute no tax on purchases and have none.

Pure: codes are decided in `codes_out.py`, the wording for Basware in `basware/`.
"""

from decimal import Decimal

from ml_connector.flows.codes_out import Coded, Known, code_records
from ml_connector.flows.naming_out import readable
from ml_connector.model.books import Books, ListRecord, TaxCode
from ml_connector.model.master_data import Planned, TaxCodeRecord


def plan_tax_codes(known: Known, books: Books) -> list[Planned]:
    """The tax codes Basware is to have: active ones that can stand on a bill, that is, which have a purchase rate."""

    def wanted(record: ListRecord) -> bool:
        return isinstance(record, TaxCode) and bool(record.purchase_rates) and not books.preferences.is_us

    coded = code_records(known, books, books.tax_codes, wanted)
    return [one.planned(known, _record(one, books.tax_codes[one.record.id])) for one in coded]


def _record(one: Coded, tax_code: TaxCode) -> TaxCodeRecord:
    return TaxCodeRecord(
        external_code=one.external_code,
        code=one.code,
        name=readable(tax_code.name, one.code),
        active=one.active,
        percent=sum((use.percent for use in tax_code.purchase_rates), Decimal(0)),
    )
