"""The screens, one file each. Each has a function `router` that takes the Console and gives the addresses of its screen."""

from collections.abc import Callable

from fastapi import APIRouter

from ml_connector.console.pages import (
    audit,
    connections,
    documents,
    drift,
    errors,
    me,
    needs_you,
    operation,
    people,
    plan,
    settings,
    sign_in,
    start,
    today,
    webhooks_log,
)
from ml_connector.console.screens import Console

ROUTERS: tuple[Callable[[Console], APIRouter], ...] = (
    audit.router,
    connections.router,
    documents.router,
    drift.router,
    errors.router,
    me.router,
    needs_you.router,
    operation.router,
    people.router,
    plan.router,
    settings.router,
    sign_in.router,
    start.router,
    today.router,
    webhooks_log.router,
)
"""Every screen's, in no particular order."""
