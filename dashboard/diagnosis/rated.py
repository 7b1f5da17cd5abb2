"""The rates that a person is judged by, and how each is written."""

from dashboard.widgets import formats
from metrics.catalog import APPLICATION_RATE, CONSULTATIONS_A_DAY, CONVERSION_RATE, DEAL_RATE
from metrics.metric import SHARE

METRICS = {one.name: one for one in (CONSULTATIONS_A_DAY, APPLICATION_RATE, DEAL_RATE, CONVERSION_RATE)}


def write(rated: str, value: float | None) -> str:
    """A value of one of METRICS."""
    if value is None:
        return formats.NOTHING
    return formats.share(value) if METRICS[rated].unit == SHARE else formats.a_day(value)
