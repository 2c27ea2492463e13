"""A shelf: parts of the store that a process has needed lately, as what they were made into."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from core.cache.slim import content
from core.cache.store import LostError, Store


class Shelf:
    """Parts that were needed lately: as many as together do not weigh more than ``limit``."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: OrderedDict[str, tuple[int, Any]] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()  # entries may be asked for by any thread

    def of(self, name: str, store: Store, made: Callable[[Any], Any]) -> Any:
        """The part called ``name``; raises LostError where the store has it no more."""
        with self._lock:
            if name in self._parts:
                self._parts.move_to_end(name)
                return self._parts[name][1]
        raw = store.get(name)
        if raw is None:
            raise LostError(name)
        return self.keep(name, made(json.loads(raw)), len(raw))

    def once(self, name: str, store: Store, made: Callable[[], Any]) -> Any:
        """The part called ``name``, as JSON has it, made and kept unless it was before."""
        with suppress(LostError):
            return self.of(name, store, lambda value: value)
        raw = content(made())
        store.put(name, raw)
        return self.keep(name, json.loads(raw), len(raw))

    def keep(self, name: str, part: Any, weight: int) -> Any:
        """Puts a part on the shelf, and gives it back."""
        with self._lock:
            if name not in self._parts:
                self._parts[name] = (weight, part)
                self._weight += weight
                while self._weight > self._limit and len(self._parts) > 1:
                    _, (dropped, _) = self._parts.popitem(last=False)
                    self._weight -= dropped
        return part
