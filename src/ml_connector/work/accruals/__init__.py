"""Accruals of prebooked invoices: noted, posted, answered, and reversed when the invoice is posted or never will be."""
