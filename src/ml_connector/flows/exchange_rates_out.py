"""Exchange rates: QuickBooks' rate of a day becomes a rate of Basware's that holds from that day on.

Pure: who asks QuickBooks, and when, is decided elsewhere.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec

from ml_connector.model.master_data import Planned, RateRecord


class KnownRate(msgspec.Struct, frozen=True, kw_only=True):
    """The newest rate of a currency that Basware was given."""

    rate: Decimal
    valid_from: date


def plan_exchange_rates(
    home: str, day: date, rates: Mapping[str, Decimal], known: Mapping[str, KnownRate], mark: str
) -> list[Planned]:
    """The rates that Basware is to have in addition: those of the day that differ from what holds there already.

    `rates` are home units for one unit of a foreign currency, as QuickBooks states them, and as Basware wants them: the amount in
    the first currency times the rate is the amount in the second (Basware P2P specification, ExchangeRateEntity). A rate of the
    same day that was corrected replaces the one given before. A rate of zero says nothing and is left out.
    """
    planned = []
    for currency, rate in sorted(rates.items()):
        last = known.get(currency)
        if currency == home or rate <= 0 or (last is not None and last.rate == rate and last.valid_from <= day):
            continue
        planned.append(_rate(currency, home, day, rate, mark))
    return planned


def _rate(currency: str, home: str, day: date, rate: Decimal, mark: str) -> Planned:
    name = f"1 {currency} in {home} from {day.isoformat()}"
    key = f"qb-{mark}-{currency}-{home}-{day:%Y%m%d}"
    record = RateRecord(
        external_code=key, code=currency, name=name, active=True, source=currency, to=home, rate=rate, valid_from=day
    )
    return Planned(
        quickbooks_id=currency,
        subject=f"Exchange rate {currency}",
        name=name,
        external_code=key,
        code=currency,
        record=record,
    )
