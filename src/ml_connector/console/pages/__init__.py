"""The screens, one file each. Each has a function `router` that takes the Console and gives the addresses of its screen."""

from collections.abc import Callable

from fastapi import APIRouter

from ml_connector.console.pages import (
    audit,
    connections,
    dimensions,
    documents,
    drift,
    errors,
    linking,
    mapping,
    me,
    messages,
    month,
    needs_you,
    operation,
    orders,
    payments,
    people,
    plan,
    settings,
    setup,
    sign_in,
    start,
    today,
    vendors,
    webhooks_log,
)
from ml_connector.console.screens import Console

ROUTERS: tuple[Callable[[Console], APIRouter], ...] = (
    audit.router,
    connections.router,
    dimensions.router,
    linking.router,  # before the documents: their address for whatever is done fits it too
    documents.router,
    drift.router,
    errors.router,
    mapping.router,
    me.router,
    messages.router,
    month.router,
    needs_you.router,
    operation.router,
    orders.router,
    payments.router,
    people.router,
    plan.router,
    settings.router,
    setup.router,
    sign_in.router,
    start.router,
    today.router,
    vendors.router,
    webhooks_log.router,
)
"""Every screen's."""
