"""Purchase tax. US companies compute none and know only the codes TAX and NON; elsewhere tax follows the codes of the lines.

Outside the US the tax is computed per rate on the sum of its lines, unless the request brings its own tax lines: those are
kept as they are. A line's own TaxAmount, even 0, replaces what would be computed for it, as users report. Source: Intuit's API
reference of Bill, code 6100 and 6170 of the error page.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from twins.quickbooks import service_accounts
from twins.quickbooks.context import Context
from twins.quickbooks.currency import without
from twins.quickbooks.faults import FaultError, Problem, business, missing
from twins.quickbooks.values import ZERO, Json, amount_of, cents, money, natural

US_CODES = {"TAX", "NON"}

Rates = dict[str, Decimal]


def check_us_code(detail: Json) -> None:
    """Raises FaultError 6100 for a code other than the two that US companies know."""
    code = detail.get("TaxCodeRef", {}).get("value", "NON")
    if code not in US_CODES:
        raise FaultError(
            Problem("6100", f"Invalid TaxCode in the request. For US, specify TAX or NON. Supplied value:{code}")
        )


def purchase_rates(context: Context, code: Json) -> Rates:
    """The purchase rates of a tax code, in percent by rate id. Raises FaultError 6100 when it has none."""
    listed = (code.get("PurchaseTaxRateList") or {}).get("TaxRateDetail", ())
    rates: Rates = {}
    for each in listed:
        rate = context.find("TaxRate", each["TaxRateRef"])
        rates[rate["Id"]] = Decimal(rate["RateValue"])
    if not rates:
        raise FaultError(
            Problem("6100", f"Tax code {code['Id']} cannot be used on purchases. Supplied value:{code['Id']}")
        )
    return rates


def apply(context: Context, record: Json) -> Json:
    """A bill, credit or order with its tax settled: lines net, `TxnTaxDetail` complete, the mode named."""
    if context.company.is_us:
        return without(_us_lines(record), "TxnTaxDetail", "GlobalTaxCalculation")
    coded = [line for line in record["Line"] if "TaxCodeRef" in _detail(line)]
    mode = record.get("GlobalTaxCalculation", "TaxExcluded" if coded else "NotApplicable")
    used = context.company.is_on("TaxPrefs", "UsingSalesTax")
    own = record.get("TxnTaxDetail", {}) if used else {}
    if mode == "NotApplicable":
        if own.get("TaxLine"):
            raise FaultError(Problem("6170", "TxnTaxDetail is not allowed when GlobalTaxCalculation is NotApplicable."))
        return {**without(record, "TxnTaxDetail"), "GlobalTaxCalculation": mode}
    taxed = [line for line in record["Line"] if amount_of(line, "Amount")]
    if used and any("TaxCodeRef" not in _detail(line) for line in taxed):
        raise business("Make sure all your transactions have a tax code before you save.", "TaxCodeRef")
    rates = {line["Id"]: _line_rates(context, line) for line in record["Line"]}
    lines = [_net_line(context, line, rates[line["Id"]]) if mode == "TaxInclusive" else line for line in record["Line"]]
    stated = own.get("TaxLine")
    tax_lines = _own_tax(context, rates.values(), stated) if stated else _computed(context, lines, rates, mode)
    total = sum((amount_of(line, "Amount") for line in tax_lines), ZERO)
    if total:
        service_accounts.provide_tax(context)
    return {
        **record,
        "Line": lines,
        "GlobalTaxCalculation": mode,
        "TxnTaxDetail": {"TotalTax": money(total), "TaxLine": tax_lines},
    }


def _detail(line: Json) -> Json:
    detail: Json = line.get(line["DetailType"], {})
    return detail


def _us_lines(record: Json) -> Json:
    lines = []
    for line in record["Line"]:
        detail = _detail(line)
        if detail:
            check_us_code(detail)
            code = {"value": detail.get("TaxCodeRef", {}).get("value", "NON")}
            lines.append({**line, line["DetailType"]: {**detail, "TaxCodeRef": code}})
        else:
            lines.append(line)
    return {**record, "Line": lines}


def _line_rates(context: Context, line: Json) -> Rates:
    detail = _detail(line)
    if "TaxCodeRef" not in detail:
        return {}
    return purchase_rates(context, context.find("TaxCode", detail["TaxCodeRef"]))


def _states_tax(context: Context, detail: Json) -> bool:
    return context.switches.line_tax_amount_counts and "TaxAmount" in detail


def _net_line(context: Context, line: Json, rates: Rates) -> Json:
    """A line whose amount includes tax, with the amount before tax."""
    detail = _detail(line)
    if not rates or "TaxInclusiveAmt" in detail:
        return line
    gross = amount_of(line, "Amount")
    if _states_tax(context, detail):
        net = gross - amount_of(detail, "TaxAmount")
    else:
        net = cents(gross / (1 + sum(rates.values(), ZERO) / 100))
    return {**line, "Amount": money(net), line["DetailType"]: {**detail, "TaxInclusiveAmt": money(gross)}}


def _tax_line(rate_id: str, percent: Decimal, net: Decimal, tax: Decimal) -> Json:
    return {
        "Amount": money(tax),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate_id},
            "PercentBased": True,
            "TaxPercent": natural(percent),
            "NetAmountTaxable": money(net),
        },
    }


def _computed(context: Context, lines: Iterable[Json], rates: dict[str, Rates], mode: str) -> list[Json]:
    net: dict[str, Decimal] = defaultdict(Decimal)
    taxable: dict[str, Decimal] = defaultdict(Decimal)
    fixed: dict[str, Decimal] = defaultdict(Decimal)
    percents: Rates = {}
    included = ZERO
    for line in lines:
        detail, amount = _detail(line), amount_of(line, "Amount")
        stated = _states_tax(context, detail)
        for position, (rate_id, percent) in enumerate(rates[line["Id"]].items()):
            percents[rate_id] = percent
            net[rate_id] += amount
            taxable[rate_id] += ZERO if stated else amount
            fixed[rate_id] += amount_of(detail, "TaxAmount") if stated and position == 0 else ZERO
        if "TaxInclusiveAmt" in detail and not stated:
            included += amount_of(detail, "TaxInclusiveAmt") - amount
    taxes = {rate_id: cents(taxable[rate_id] * percents[rate_id] / 100) for rate_id in net}
    if mode == "TaxInclusive" and taxes:
        last = next(reversed(taxes))
        taxes[last] += included - sum(taxes.values(), ZERO)
    return [_tax_line(rate_id, percents[rate_id], net[rate_id], tax + fixed[rate_id]) for rate_id, tax in taxes.items()]


def _own_tax(context: Context, rates: Iterable[Rates], own: Iterable[Json]) -> list[Json]:
    allowed = {rate_id for each in rates for rate_id in each}
    kept = []
    for line in own:
        detail = line.get("TaxLineDetail", {})
        if "Amount" not in line or "TaxRateRef" not in detail:
            raise FaultError(missing("TaxLine.Amount" if "TaxRateRef" in detail else "TaxLineDetail.TaxRateRef"))
        rate_id = detail["TaxRateRef"]["value"]
        context.find("TaxRate", detail["TaxRateRef"])
        if rate_id not in allowed:
            raise business(
                f"Tax rate {rate_id} does not belong to a purchase tax code of this transaction.", "TaxRateRef"
            )
        kept.append({**line, "DetailType": "TaxLineDetail"})
    return kept
