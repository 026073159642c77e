"""Addresses of databases, looked at without opening them."""

from __future__ import annotations

import sqlalchemy as sa

from .errors import ConfigError


def has_password(url: str) -> bool:
    """Whether a password stands in an address.

    Raises:
        ConfigError: it is none.
    """
    try:
        return sa.make_url(url).password is not None
    except sa.exc.ArgumentError as err:
        raise ConfigError("data.error.database_url") from err
