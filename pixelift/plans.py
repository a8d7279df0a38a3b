"""What each plan allows. Limits of the plan and of the server both hold; the smaller one counts."""

from __future__ import annotations

from dataclasses import dataclass

from pixelift.errors import Detail, ValidationFailed


@dataclass(frozen=True)
class Plan:
    name: str
    requests_per_hour: int
    requests_per_day: int
    max_pixels: int
    max_bytes: int


PLANS = {
    plan.name: plan
    for plan in (
        Plan("free", 10, 50, 4_000_000, 15_000_000),
        Plan("starter", 100, 1_000, 12_000_000, 25_000_000),
        Plan("professional", 500, 5_000, 25_000_000, 50_000_000),
        Plan("enterprise", 2_000, 20_000, 100_000_000, 100_000_000),
    )
}


def find(name: str) -> Plan:
    """Raise ValidationFailed, which lists the plans there are."""
    try:
        return PLANS[name]
    except KeyError:
        known = ", ".join(PLANS)
        raise ValidationFailed(
            f"There is no plan {name!r}. Choose one of {known}.",
            details=(Detail("plan", f"must be one of {known}"),),
        ) from None
