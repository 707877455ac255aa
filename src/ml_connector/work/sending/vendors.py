"""The step that keeps vendors in step, after the payment terms they name."""

from ml_connector.work.sending.steps import Step
from ml_connector.work.vendors.materials import RESOURCE
from ml_connector.work.vendors.planning import plan_vendors

VENDOR_STEPS: tuple[Step, ...] = (
    Step(
        label="vendors",
        resources=lambda settings: (RESOURCE,) if settings.vendors.to_basware else (),
        plan=plan_vendors,
        wanted=lambda settings: settings.vendors.enabled,
        after=("paymentTerms",),
    ),
)
"""One step: both directions are decided together."""
