"""From a document's sums to the amount of each row: tax in the cost, on its own line or by codes, exact to the cent.

Nothing is rounded or moved in silence: what does not add up is held with the difference named, or goes to the rounding line
that the policy allows. Knows nothing of accounts.
"""

from decimal import Decimal
from enum import StrEnum

import msgspec

from ml_connector.model.documents import AccountingDocument, CodingRow
from ml_connector.model.holds import Cause
from ml_connector.model.money import ZERO, format_money, is_payable_amount, minor_unit, round_money
from ml_connector.model.policy import PostingPolicy
from ml_connector.rules.findings import Findings
from ml_connector.rules.shares import distribute, is_usable


class TaxTreatment(StrEnum):
    """How tax reaches the books: within each row's cost, on one line of its own, or through QuickBooks' tax codes."""

    IN_COST = "in cost"
    OWN_LINE = "own line"
    CODES = "tax codes"


class RowAmount(msgspec.Struct, frozen=True, kw_only=True):
    """One row's amount in the transaction's normal direction (positive raises what is owed, or on a credit lowers it).

    `tax` is the row's tax where it is not part of `amount`; `excluded` the reverse-charge tax outside the payable.
    """

    row: CodingRow
    amount: Decimal
    tax: Decimal
    excluded: Decimal
    rule: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the row reaches the books."""
        return not (self.amount or self.tax or self.excluded)

    @property
    def is_taxless(self) -> bool:
        """Whether the row has no tax of its own, reverse charge included."""
        return not (self.tax or self.excluded)


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """A document's amounts in the normal direction. Rows + tax (unless in the cost) + rounding = total, to the cent."""

    total: Decimal
    tax: Decimal
    rounding: Decimal
    rows: tuple[RowAmount, ...]


class _Row(msgspec.Struct):
    """A row while its amount is worked out, in Basware's sign. `open_tax`: the row does not say what tax belongs to it."""

    row: CodingRow
    amount: Decimal
    tax: Decimal
    rule: str
    inputs: tuple[Decimal, ...]
    open_tax: bool = False


def payable_total(document: AccountingDocument, findings: Findings) -> Decimal | None:
    """What is owed, in Basware's sign: the gross sum, or net plus tax where Basware gave no gross sum. None when unusable."""
    given = (document.gross_sum, document.net_sum, document.tax_sum)
    unusable = [amount for amount in given if amount is not None and not is_usable(amount)]
    if unusable:
        told = f"{unusable[0]} {document.currency}"
        findings.hold(Cause.AMOUNT_PRECISION, "total", what="A sum of the invoice", amount=told)
        return None
    parts: tuple[Decimal, ...]
    if document.gross_sum is not None:
        parts, source = (document.gross_sum,), "grossSum"
    elif document.net_sum is not None and document.tax_sum is not None:
        parts, source = (document.net_sum, document.tax_sum), "netSum plus taxSum1, for want of grossSum"
    elif document.net_sum is not None:
        parts, source = (document.net_sum,), "netSum, for want of grossSum and of any tax"
    else:
        findings.hold(Cause.MISSING_AMOUNT, "total", what="the invoice total")
        return None
    total = sum(parts, ZERO)
    if not all(is_payable_amount(amount, document.currency) for amount in parts):
        findings.hold(Cause.AMOUNT_PRECISION, "total", what="The invoice total", amount=f"{total} {document.currency}")
        return None
    findings.explain("total", source, "what is owed", format_money(abs(total), document.currency))
    return total


def document_tax(document: AccountingDocument) -> Decimal:
    """The tax inside the payable amount, in Basware's sign: as stated, else gross minus net, else the sum of the rows' tax."""
    if document.tax_sum is not None:
        return document.tax_sum
    if document.gross_sum is not None and document.net_sum is not None:
        return document.gross_sum - document.net_sum
    return sum((row.tax for row in document.rows if row.tax is not None and is_usable(row.tax)), ZERO)


def work_out(
    document: AccountingDocument,
    *,
    total: Decimal,
    sign: int,
    treatment: TaxTreatment,
    policy: PostingPolicy,
    findings: Findings,
) -> Amounts | None:
    """The amounts of all rows, checked against the total. `sign` is -1 where Basware's amounts are to be turned around.

    None when a row has no usable amount; differences are noted as holds.
    """
    tax = document_tax(document)
    rows = _read_rows(document, tax, treatment, findings)
    if rows is None:
        return None
    needs_tax = treatment is not TaxTreatment.IN_COST or any(row.open_tax for row in rows)
    if needs_tax and not is_payable_amount(tax, document.currency):
        findings.hold(Cause.AMOUNT_PRECISION, "tax", what="The tax total", amount=f"{tax} {document.currency}")
        return None
    lost = _round_rows(rows, document.currency, policy, findings)
    _spread_open_tax(rows, tax, treatment, minor_unit(document.currency))
    if treatment is TaxTreatment.CODES:
        _agree_row_tax(rows, tax, document.currency, policy, findings)
    lines = sum((row.amount for row in rows), lost if treatment is TaxTreatment.IN_COST else lost + tax)
    rounding = _rounding(lines, total, document, policy, findings)
    return Amounts(
        total=total * sign,
        tax=ZERO if treatment is TaxTreatment.IN_COST else tax * sign,
        rounding=rounding * sign,
        rows=tuple(
            RowAmount(
                row=row.row,
                amount=row.amount * sign,
                tax=row.tax * sign if treatment is TaxTreatment.CODES else ZERO,
                excluded=(row.row.tax_excluded or ZERO) * sign if treatment is TaxTreatment.CODES else ZERO,
                rule=row.rule,
            )
            for row in rows
        ),
    )


def _read_rows(
    document: AccountingDocument, tax: Decimal, treatment: TaxTreatment, findings: Findings
) -> list[_Row] | None:
    read: list[_Row] = []
    unusable: list[int] = []
    missing: list[int] = []
    for row in document.rows:
        given = (row.net, row.gross, row.tax, row.tax_excluded)
        if not all(amount is None or is_usable(amount) for amount in given):
            unusable.append(row.row_index)
            continue
        found = _cost(row, tax) if treatment is TaxTreatment.IN_COST else _net(row, tax, treatment)
        if found is None:
            missing.append(row.row_index)
        else:
            read.append(found)
    if unusable:
        what, amount = "A row's amount", "a length no ledger keeps"
        findings.hold(Cause.AMOUNT_PRECISION, "rows", rows=unusable, what=what, amount=amount)
    if missing:
        findings.hold(Cause.MISSING_AMOUNT, "rows", rows=missing, what="the amount of a coding row")
    return None if unusable or missing else read


def _cost(row: CodingRow, tax: Decimal) -> _Row | None:
    """The row with its tax. A reverse-charge row is built from its net: whether its gross has that tax in it is not certain."""
    if row.gross is not None and not (row.tax_excluded and row.net is not None):
        own_tax = row.tax if row.tax is not None else row.gross - row.net if row.net is not None else ZERO
        return _Row(row=row, amount=row.gross, tax=own_tax, rule="row gross", inputs=(row.gross,))
    if row.net is None:
        return None
    if row.tax is not None:
        rule = "row net plus row tax" + (", without reverse-charge tax" if row.tax_excluded else "")
        return _Row(row=row, amount=row.net + row.tax, tax=row.tax, rule=rule, inputs=(row.net, row.tax))
    return _Row(row=row, amount=row.net, tax=ZERO, rule="row net", inputs=(row.net,), open_tax=bool(tax))


def _net(row: CodingRow, tax: Decimal, treatment: TaxTreatment) -> _Row | None:
    """The row without tax, and its tax where the row tells it. Only tax codes need each row's own tax."""
    by_code = treatment is TaxTreatment.CODES
    if row.net is not None:
        if row.tax is not None:
            inputs = (row.net, row.tax) if by_code else (row.net,)
            return _Row(row=row, amount=row.net, tax=row.tax, rule="row net", inputs=inputs)
        if row.gross is not None and not row.tax_excluded:
            inputs = (row.net, row.gross) if by_code else (row.net,)
            return _Row(row=row, amount=row.net, tax=row.gross - row.net, rule="row net", inputs=inputs)
        return _Row(
            row=row, amount=row.net, tax=ZERO, rule="row net", inputs=(row.net,), open_tax=by_code and bool(tax)
        )
    if row.gross is None:
        return None
    if row.tax is not None:
        inputs = (row.gross, row.tax)
        return _Row(row=row, amount=row.gross - row.tax, tax=row.tax, rule="row gross less row tax", inputs=inputs)
    return None if tax else _Row(row=row, amount=row.gross, tax=ZERO, rule="row gross, no tax", inputs=(row.gross,))


def _round_rows(rows: list[_Row], currency: str, policy: PostingPolicy, findings: Findings) -> Decimal:
    """Rows finer than the currency's smallest coin are rounded only where a rounding line is allowed, else held.

    Returns what the rounding took away from held rows, so that it is not reported as a difference to the total as well.
    """
    too_fine = [row for row in rows if not all(is_payable_amount(amount, currency) for amount in row.inputs)]
    held = policy.rounding_limit <= 0
    if too_fine and held:
        told = f"{too_fine[0].amount} {currency}"
        numbers = [row.row.row_index for row in too_fine]
        findings.hold(Cause.AMOUNT_PRECISION, "rows", rows=numbers, what="A row's amount", amount=told)
    lost = ZERO
    for row in too_fine:
        rounded = round_money(row.amount, currency)
        if held:
            lost += row.amount - rounded
        row.amount, row.tax = rounded, round_money(row.tax, currency)
        row.rule += f", rounded to {minor_unit(currency)}"
    return lost


def _spread_open_tax(rows: list[_Row], tax: Decimal, treatment: TaxTreatment, unit: Decimal) -> None:
    """Give the document's tax that no row accounts for to the rows that name only a net amount, in proportion."""
    open_rows = [row for row in rows if row.open_tax]
    if not open_rows:
        return
    rest = tax - sum((row.tax for row in rows), ZERO)
    weights = [row.amount * (row.row.tax_percent or ZERO) for row in open_rows]
    if not any(weights):
        weights = [row.amount for row in open_rows]
    for row, share in zip(open_rows, distribute(rest, weights, unit), strict=True):
        row.tax = share
        if treatment is TaxTreatment.IN_COST:
            row.amount += share
            row.rule = f"row net plus {share}, its share of the invoice's tax"
        else:
            row.rule = f"row net; tax {share}, its share of the invoice's tax"


def _agree_row_tax(rows: list[_Row], tax: Decimal, currency: str, policy: PostingPolicy, findings: Findings) -> None:
    """The rows' tax must be the document's. A difference within the rounding limit goes to the row with the largest tax."""
    sum_of_rows = sum((row.tax for row in rows), ZERO)
    difference = tax - sum_of_rows
    if not difference:
        return
    largest = max(rows, key=lambda row: abs(row.tax), default=None)
    if largest is not None and largest.tax and abs(difference) <= policy.rounding_limit:
        largest.tax += difference
        largest.rule += f", tax adjusted by {difference} to the invoice's tax"
        return
    findings.hold(
        Cause.TAX_DIFFERS,
        "tax",
        expected=f"the invoice's tax {format_money(tax, currency)}",
        found=f"the rows' tax {format_money(sum_of_rows, currency)}",
        difference=format_money(difference, currency),
    )


def _rounding(
    lines: Decimal, total: Decimal, document: AccountingDocument, policy: PostingPolicy, findings: Findings
) -> Decimal:
    """The amount of the rounding line in Basware's sign; zero when the lines add up or the document is held."""
    difference = total - lines
    if not difference:
        return ZERO
    within = abs(difference) <= policy.rounding_limit
    if within and policy.rounding_account_id:
        return difference
    findings.hold(
        Cause.LINES_DIFFER_FROM_TOTAL,
        document.invoice_number,
        lines=_told(lines, document.currency),
        total=_told(total, document.currency),
        difference=_told(difference, document.currency),
        rounding=_why_not_rounded(policy, within=within),
    )
    return ZERO


def _why_not_rounded(policy: PostingPolicy, *, within: bool) -> str:
    if policy.rounding_limit <= 0:
        return ""
    return "no rounding account is set" if within else f"more than the rounding limit of {policy.rounding_limit}"


def _told(amount: Decimal, currency: str) -> str:
    return format_money(amount, currency) if is_payable_amount(amount, currency) else f"{amount} {currency}"
