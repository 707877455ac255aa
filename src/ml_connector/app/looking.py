"""Looking at an address as a stranger does, to find out whether anybody is there and what time it is with them."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from ml_connector.work.check.probe import Seen


def look_at(http: httpx2.Client, url: str) -> Seen:
    """What an address answers to anybody; nothing of ours goes along, and no redirect is followed."""
    try:
        answer = http.get(url, follow_redirects=False)
    except (httpx2.RequestError, httpx2.InvalidURL) as error:
        return Seen(problem=type(error).__name__)
    return Seen(status=answer.status_code, body=answer.content, server_time=_date_of(answer))


def _date_of(answer: httpx2.Response) -> datetime | None:
    try:
        told = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)
