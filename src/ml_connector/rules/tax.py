"""Tax outside the United States: a tax code for each line, and the document's own tax by rate instead of QuickBooks' sum.

QuickBooks computes tax once per rate over all lines; the supplier may have rounded otherwise. What is owed is what the
supplier invoiced, so the document's amounts are sent along.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from ml_connector.model.books import Books, TaxCode
from ml_connector.model.documents import row_value
from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.model.money import ZERO, format_money, minor_unit, round_money
from ml_connector.model.policy import NonUsTax
from ml_connector.model.postings import TaxAmount, TaxMode
from ml_connector.rules.amounts import Amounts, RowAmount
from ml_connector.rules.coding import CodedRow, check_active, source_told
from ml_connector.rules.findings import Findings, Task
from ml_connector.rules.mapping import resolve
from ml_connector.rules.shares import distribute


def with_codes(
    task: Task, rows: Sequence[CodedRow], amounts: Amounts, findings: Findings
) -> tuple[TaxMode, tuple[CodedRow, ...]]:
    """The rows of a bill or vendor credit outside the US with their tax codes. Any tax or code asks for a code on every row."""
    field = task.policy.sources.tax_code
    given = [row_value(task.document, row.row, field).strip() if field else "" for row in rows]
    if not amounts.tax and not any(given) and all(row.amount.is_taxless for row in rows):
        findings.explain("tax", "no tax and no tax code", "no tax on the document", "tax does not apply")
        return TaxMode.NOT_APPLICABLE, tuple(rows)
    chosen = [_code(task, row, code, findings) for row, code in zip(rows, given, strict=True)]
    told = format_money(amounts.tax, task.document.currency)
    inclusive = task.policy.non_us_tax is NonUsTax.INCLUSIVE
    rule = "tax codes by line, amounts as invoiced" + (", lines shown with tax" if inclusive else "")
    findings.explain("tax", "the document's tax", rule, told)
    coded = (msgspec.structs.replace(row, tax_code_id=code) for row, code in zip(rows, chosen, strict=True))
    return TaxMode.INCLUSIVE if inclusive else TaxMode.EXCLUDED, tuple(coded)


def _code(task: Task, coded: CodedRow, code: str, findings: Findings) -> str:
    row, field = coded.row, task.policy.sources.tax_code or "taxCode"
    match = resolve(task.mapping, Dimension.TAX_CODE, code, task.document, row)
    if not match.target_id:
        if match.code and not match.found:
            findings.hold(Cause.TAX_CODE_NOT_MAPPED, code, rows=(row.row_index,), code=code, field=field)
        elif not match.found or coded.amount.tax:
            findings.hold(Cause.TAX_CODE_MISSING, field, rows=(row.row_index,), field=field)
        else:
            source = source_told(row, field, code)
            findings.explain(f"row {row.row_index}: tax code", source, match.rule, "left empty on purpose")
        return ""
    not_usable = Cause.TAX_CODE_NOT_FOR_PURCHASES
    record = check_active(findings, task.books.tax_codes, match, not_usable, row, field=field)
    if record is None:
        return ""
    target = task.books.tax_codes[record.id]
    label = f"{target.label} ({target.id})"
    if not target.purchase_rates:
        facts = {"code": code, "field": field, "target": label, "state": "without a purchase rate"}
        findings.hold(not_usable, target.label, rows=(row.row_index,), **facts)
    elif coded.amount.tax and not any(rate.percent for rate in target.purchase_rates):
        tax = format_money(coded.amount.tax, task.document.currency)
        expected = f"no tax, since {label} has a rate of 0 %"
        findings.hold(
            Cause.TAX_DIFFERS, code or field, rows=(row.row_index,), expected=expected, found=tax, difference=tax
        )
    findings.explain(f"row {row.row_index}: tax code", source_told(row, field, code), match.rule, label)
    return target.id


def tax_amounts(rows: Sequence[CodedRow], books: Books, currency: str) -> tuple[TaxAmount, ...]:
    """The document's own tax summed by rate, with the net it was charged on. Adds up to the rows' tax to the cent."""
    sums: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
    for coded in rows:
        code = books.tax_codes.get(coded.tax_code_id)
        if code is None:
            continue
        for rate, amount in zip(code.purchase_rates, _by_rate(coded.amount, code, currency), strict=True):
            percent, net, tax = sums.get(rate.rate_id, (rate.percent, ZERO, ZERO))
            sums[rate.rate_id] = (percent, net + coded.amount.amount, tax + amount)
    return tuple(
        TaxAmount(rate_id=rate_id, percent=percent, net=net, amount=tax)
        for rate_id, (percent, net, tax) in sorted(sums.items())
    )


def _by_rate(amount: RowAmount, code: TaxCode, currency: str) -> list[Decimal]:
    """One row's tax over the rates of its code. Rates that cancel out are reverse charge: owed and deducted at once."""
    percents = [rate.percent for rate in code.purchase_rates]
    if any(percents) and not sum(percents, ZERO):
        up = sum((percent for percent in percents if percent > 0), ZERO)
        charged = round_money(amount.excluded or amount.amount * up / 100, currency)
        unit = minor_unit(currency)
        owed = iter(distribute(charged, [percent for percent in percents if percent > 0], unit))
        deducted = iter(distribute(-charged, [-percent for percent in percents if percent < 0], unit))
        shares = [next(owed) if percent > 0 else next(deducted) if percent < 0 else ZERO for percent in percents]
        shares[0] += amount.tax
        return shares
    return distribute(amount.tax, percents, minor_unit(currency))


def zero_code(books: Books) -> str:
    """The company's first active code whose purchase rates are all 0 %, for lines that carry no tax; "" without one."""
    zero = [
        code.id
        for code in books.tax_codes.values()
        if code.active and code.purchase_rates and not any(rate.percent for rate in code.purchase_rates)
    ]
    return min(zero, key=lambda code_id: (len(code_id), code_id), default="")
