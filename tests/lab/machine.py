"""What a test asks of the machine it runs on."""

import os

import pytest


def require(condition: bool, reason: str) -> None:
    """Skips visibly where a machine lacks something; where all is required, fails."""
    if condition:
        return
    if os.environ.get("BOOKS_REQUIRE_ALL"):
        pytest.fail(reason)
    pytest.skip(reason)
