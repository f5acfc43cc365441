"""Pictures of cued digits as several tests make them."""

from cbam_teach import data


def bare(count: int, **options) -> data.Cued:
    """Pictures without noise."""
    return data.cued_digits(count, **{"seed": 3, "noise": 0} | options)
