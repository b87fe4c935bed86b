"""The rows of billing, by noun."""

from billing.models.coverage import Coverage, CoverageChange

__all__ = ["Coverage", "CoverageChange"]
