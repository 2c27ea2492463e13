"""A webhook that is believed begins a run of its bank at once: the same one as every night."""

import logging
import threading
from dataclasses import dataclass, field

from core.findings import UserError
from core.home import Home
from core.masked import masked
from core.sealing_keys import Keys
from core.secrets import Secrets
from importers.feed.connections import connections
from importers.plaid.feed import NAME
from importers.plaid.webhook import RefusedWebhookError, Verifier
from scripts.plaid_access import plaid_api
from scripts.unattended import run_once

_LOG = logging.getLogger(__name__)
# How often one run after another is tried while another one is under way, and how long between.
_TRIES, _PAUSE = 5, 30.0


@dataclass
class Hooked:
    """What ``books serve --webhooks`` is given; runs follow one another in a thread of their own,
    and what is asked for twice before it has begun is one run."""

    home: Home
    pause: float = _PAUSE
    _verifier: Verifier = field(init=False)
    _waiting: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._verifier = Verifier(self._key)

    def __call__(self, token: str, body: bytes) -> bool:
        """Whether the webhook is Plaid's; its bank is then to be synced soon."""
        try:
            event = self._verifier.verified(token, body)
        except RefusedWebhookError as error:
            _LOG.warning("a webhook was refused: %s", error)
            return False
        except UserError as error:
            _LOG.warning("a webhook could not be judged: %s", masked(str(error)))
            return False
        for bank in connections(self.home):
            if bank.feed == NAME and bank.id == event.item_id:
                self._begin(bank.scope)
        return True

    def finished(self) -> None:
        """Waits until nothing is under way."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _key(self, kid: str) -> bytes:
        api = plaid_api(Secrets(self.home, Keys(self.home)))
        api.sleep = lambda _seconds: None  # somebody is waiting
        return api.webhook_key(kid)

    def _begin(self, scope: str) -> None:
        with self._lock:
            self._waiting.add(scope)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        tries = 0
        while True:
            with self._lock:
                wanted = sorted(self._waiting)
                self._waiting.clear()
                if not wanted:
                    self._thread = None
                    return
            try:
                is_busy = run_once(Secrets(self.home, Keys(self.home)), wanted).is_busy
            except UserError as error:
                _LOG.warning("a webhook's sync failed: %s", masked(str(error)))
                is_busy = False
            except Exception:
                _LOG.exception("a webhook's sync failed; the next night does it")
                is_busy = False
            if is_busy and tries < _TRIES:
                tries += 1
                threading.Event().wait(self.pause)
                with self._lock:
                    self._waiting.update(wanted)
