"""Memory: what to do about Python's collector where millions of objects are made that live on."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Loading makes millions of small objects that all live on: collecting doubles its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def collecting() -> Iterator[None]:
    """For what goes on for hours within a command: garbage is collected meanwhile."""
    was_enabled = gc.isenabled()
    gc.enable()
    try:
        yield
    finally:
        if not was_enabled:
            gc.disable()


@contextmanager
def set_aside() -> Iterator[None]:
    """As ``collector_paused``; what was made is then left alone by the collector for good.

    For a server that holds books: each look through them would take half a second in the middle of
    a request. They have no cycles, so they go when nobody holds them any more.
    """
    gc.unfreeze()
    with collector_paused():
        yield
        gc.freeze()
