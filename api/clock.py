"""The only place that asks what time it is; everyone else is told."""

from datetime import UTC, date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has kept UTC+8 without summer time since 1991."""


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Today in Asia/Shanghai, the calendar valid time is kept in."""
    return datetime.now(SHANGHAI).date()
