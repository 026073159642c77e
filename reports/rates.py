"""A rate is its numerator and its denominator; the share is only how it is read."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import norm

FEWEST = 10
"""Below this many cases a rate is shown as n<10 and stands in no ranking (DOMAIN.md §7)."""

Z = float(norm.ppf(0.975))


def wilson(numerator: int, denominator: int) -> tuple[float, float]:
    """The 95 % interval of a share, 4 decimals (Wilson 1927, JASA 22); denominator > 0."""
    n, share = denominator, numerator / denominator
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * (share * (1 - share) / n + Z * Z / (4 * n * n)) ** 0.5
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)


@dataclass(frozen=True, order=False)
class Rate:
    """So many of so many.

    numerator, denominator: counts, 0 <= numerator <= denominator.

    Raises:
        ValueError: when the numerator is not among the denominator: a bug of ours.
    """

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError(
                f"a rate counts some of its denominator; got {self.numerator} of {self.denominator}"
            )

    @property
    def share(self) -> float | None:
        """The share, 0-1; None where nothing was counted: no expectation is neither 0 nor 100 %."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def is_small(self) -> bool:
        """Fewer than `FEWEST`: shown as n<10, ranked nowhere."""
        return self.denominator < FEWEST

    def facts(self) -> dict[str, int | float | None]:
        """Numerator, denominator and share (6 decimals) under the names that files use."""
        share = self.share
        return {
            "numerator": self.numerator,
            "denominator": self.denominator,
            "share": None if share is None else round(share, 6),
        }
