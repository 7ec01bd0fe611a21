"""Day on which the bloom begins, from water temperature and light.

The idea is old: colonies wait on the mud, and come up when they have collected enough warmth. We add up the warmth above a
base temperature; the bloom begins on the day when the sum passes a limit.
"""

import math

# Fitted to the ferry station, 2012 to 2023. Below this, growth in the culture room was not measurable.
BASE_C = 11.5

# Degree-days. The value in the paper (186) is for the northern station; here the water is shallower.
LIMIT = 152.0

# After a winter in which the mud stayed warmer than this, a part of the colonies survives, and the limit is smaller.
MILD_WINTER_C = 9.0
MILD_WINTER_FACTOR = 0.72


def light_factor(secchi_cm):
    """Murky water shades the colonies. 1 for clear water, half at 25 cm."""
    return 1.0 - math.exp(-secchi_cm / 36.0)


def onset(days, bottom_february=None):
    """`days`: (day of year, mean temperature, Secchi depth in cm), in order, without gaps.

    Gaps are not filled here: a week without data in April moved the answer by eight days, so the caller must decide.
    Returns None if the sum is not reached before the end of August; later blooms have other causes (typhoons, sluices).
    """
    limit = LIMIT
    if bottom_february is not None and bottom_february > MILD_WINTER_C:
        limit *= MILD_WINTER_FACTOR
    total = 0.0
    previous = None
    for day, temperature, secchi in days:
        if previous is not None and day != previous + 1:
            raise ValueError(f"gap before day {day}")
        previous = day
        if day > 243:
            return None
        total += max(0.0, temperature - BASE_C) * light_factor(secchi)
        if total >= limit:
            return day
    return None
