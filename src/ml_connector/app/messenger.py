"""Sends messages to people through apprise: mail, chat, telephones, webhooks. The only place that knows apprise.

Whoever administers one connection may name addresses, so a message must not become a way into the network this program runs in:
every connection that is opened while a message is sent is looked at once more, after names were resolved and redirects followed.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ml_connector.app.egress import public_only
from ml_connector.work.messages.courier import DeliveryError

if TYPE_CHECKING:
    from apprise.plugins.base import NotifyBase

_LOCAL = frozenset({
    "dbus", "qt", "kde", "glib", "gnome", "macosx", "windows", "syslog", "blink1", "blink", "growl",
})  # fmt: skip
"""Kinds of apprise's that reach whoever sits at this machine, and nobody else."""

_ALLOWED = "ML_CONNECTOR_PRIVATE_TARGETS=true allows it"


class TargetError(ValueError):
    """An address for messages cannot be used; the message says why and what to do instead."""


class Messenger:
    """`private`: whether messages may go to addresses of private networks."""

    def __init__(self, *, private: bool) -> None:
        self._private = private

    def shown(self, address: str) -> str:
        """An address as it may be shown, without what is secret in it. Raises TargetError for one that cannot be used."""
        plugin = _plugin(address)
        host = f" to {plugin.host}" if "{host}" in str(plugin.templates) else ""
        return f"{plugin.service_name}{host}"

    def deliver(self, address: str, title: str, body: str) -> None:
        """Send one message. Raises DeliveryError with words that hold nothing of the address."""
        import apprise  # noqa: PLC0415 - a third of a second that only those need who send

        try:
            plugin = _plugin(address)
        except TargetError as error:
            raise DeliveryError(str(error)) from error
        with self._guarded() as refused, _listening() as said:
            try:
                taken = bool(plugin.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT))
            except Exception as error:  # of hundreds of kinds of targets, each fails in its own way
                raise DeliveryError(f"its service failed in a way nobody foresaw ({type(error).__name__})") from error
            reason = " ".join(said)
        if refused:
            raise DeliveryError(f"its address lies in a private network; {_ALLOWED}")
        if not taken:
            raise DeliveryError(_without(address, reason) or "its service did not take it")

    @contextmanager
    def _guarded(self) -> Iterator[list[str]]:
        """Refuse connections to private addresses while the block runs, on this thread; what was refused."""
        if self._private:
            yield []
            return
        with public_only() as refused:
            yield refused


class _Ear(logging.Handler):
    """Keeps what the library complains of on one thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said = list[str]()
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        if record.thread == self._thread:
            self.said.append(record.getMessage())


@contextmanager
def _listening() -> Iterator[list[str]]:
    """What the library says while the block runs; it tells why it could not send nowhere else."""
    ear, log = _Ear(), logging.getLogger("apprise")
    log.addHandler(ear)
    try:
        yield ear.said
    finally:
        log.removeHandler(ear)


def _plugin(address: str) -> "NotifyBase":
    import apprise  # noqa: PLC0415

    kind = address.partition("://")[0].lower()
    if "://" not in address:
        raise TargetError(
            "That is no address for messages. Write one as apprise does, such as mailto://… or slack://…: "
            "docs/notifications.md."
        )
    if kind in _LOCAL:
        raise TargetError(f"{kind}:// only reaches this machine's own screen or log. Name one that reaches people.")
    asset = apprise.AppriseAsset(
        app_id="ml-connector", app_desc="ml-connector", app_url="", async_mode=False, http_redirects=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY, image_url_mask="", image_url_logo="",
    )  # fmt: skip
    plugin = apprise.Apprise.instantiate(address.strip(), asset=asset, suppress_exceptions=True)
    if plugin is None:
        raise TargetError(
            f"The address {kind}://… is not one that can be used: its kind is not known, or something is missing in it. "
            "See docs/notifications.md, and apprise's own page about this kind."
        )
    return plugin


def _without(address: str, reason: str) -> str:
    """What the library said, without any part of the address."""
    if address in reason or any(part in reason for part in address.split("/") if len(part) > 7):
        return "its service did not take it, and what it said holds parts of the address"
    return reason[:200].rstrip(".")
