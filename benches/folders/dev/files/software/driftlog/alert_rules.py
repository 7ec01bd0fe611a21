"""Rules that turn readings into alarms.

A rule looks at one probe. It is a pure function of the recent readings, so that it can be tested without a server.
"""

from dataclasses import dataclass
from datetime import timedelta

# A frost alarm at 0 °C comes too late for blossom: cold air lies at the ground, the probe hangs at 1.5 m.
FROST_THRESHOLD_C = 1.8

# Readings older than this say nothing about now.
STALE_AFTER = timedelta(minutes=50)


@dataclass(frozen=True)
class Reading:
    minutes_ago: float
    value: float


def is_stale(readings):
    """True if the newest reading is too old. A stale probe gives its own alarm, 'silent', never 'all is well'."""
    return not readings or readings[0].minutes_ago > STALE_AFTER.total_seconds() / 60


def frost(readings):
    """Alarm if the two newest readings are below the threshold: one alone may be a glitch of the radio."""
    newest = readings[:2]
    return len(newest) == 2 and all(r.value < FROST_THRESHOLD_C for r in newest)


def cold_store(readings, low, high, patience_minutes=12):
    """Alarm if the temperature has been outside [low, high] for longer than the patience.

    Doors are open for about 9 minutes during loading; a shorter patience woke people up twice a week.
    """
    outside = 0.0
    for reading in readings:
        if low <= reading.value <= high:
            break
        outside = reading.minutes_ago
    return outside >= patience_minutes


def hysteresis(active, value, limit, margin=0.5):
    """Keeps an alarm on until the value has come back by the margin, so that it does not flutter."""
    return value > limit - margin if active else value > limit


def irrigation_due(water_upper, water_lower, refill_point):
    """Both zones must be dry. A dry upper zone alone is normal on a hot afternoon, and watering then is waste."""
    return water_upper < refill_point and water_lower < refill_point + 3.0
