"""One click that changes the books, where that is safe: shown first, then done as it was shown.

A step is a change that a command of ours computes. Its page shows the diff; the button sends back
the seal of exactly that diff. The change is computed again, and if its seal is another one (a file
was edited, another command wrote) nothing is written. What is done goes through the one door, as a
commit that ``git revert`` takes back.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from html import escape
from typing import Protocol

from werkzeug.wrappers import Request, Response

from core.findings import UserError
from core.journal.change import ChangeSet
from core.journal.recovery import Applied
from web.style import page as whole_page


@dataclass(frozen=True)
class Step:
    """A change that waits for a click: its title, the change, and remarks for a person."""

    title: str
    change: ChangeSet
    remarks: tuple[str, ...] = ()


class Steps(Protocol):
    """Who knows the books: what a step would do now, and doing it."""

    def step(self, name: str) -> Step:
        """The step called ``name``, such as ``fix/3f9a5c21``. Raises UserError for none."""

    def do(self, step: Step, key: str) -> Applied:
        """Applies the step's change through the door. Raises UserError when it is refused."""


class StepPages:
    """The pages of the steps. The seal is bound to this process and to what was shown."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._secret = secrets.token_bytes(32)

    def answer(self, request: Request, name: str) -> Response:
        """The page that asks, for a GET; the page that tells what was done, for a POST."""
        try:
            step = self._steps.step(name)
            if request.method != "POST":
                return _page(step.title, _asking(step, self._seal(name, step)))
            given = str(request.form.get("seal", ""))
            if not hmac.compare_digest(given.encode(), self._seal(name, step).encode()):
                return _page("Nothing was changed", _stale(name), status=409)
            done = self._steps.do(step, key=f"web-{given}")
        except UserError as error:
            return _page("Nothing was changed", _refused(error), status=409)
        return _page("Done", _told(step, done))

    def _seal(self, name: str, step: Step) -> str:
        """What only this process can make, and only for these bytes in these files."""
        parts = [name]
        for file in step.change.effective().files:
            said = hashlib.sha256(file.after or b"").hexdigest()
            parts += [file.path.as_posix(), file.base or "", said]
        return hmac.new(self._secret, "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def _page(title: str, body: str, *, status: int = 200) -> Response:
    whole = (
        '<header><span class="name">Bulkhead</span></header>\n<main id="main">'
        f'<h1>{escape(title)}</h1>\n{body}\n<p><a href="/">To the start page</a></p></main>'
    )
    return Response(whole_page(title, whole), status, mimetype="text/html")


def _asking(step: Step, seal: str) -> str:
    remarks = "".join(f"<p>{escape(remark)}</p>" for remark in step.remarks)
    count = len(step.change.effective().files)
    files = f"{count} file{'' if count == 1 else 's'}"
    return (
        f"<p>This would change {files}. Nothing is changed yet.</p>\n{remarks}"
        f"{_diff(step.change.diff())}\n"
        '<form method="post"><input type="hidden" name="seal" '
        f'value="{seal}"><button type="submit">Do it</button></form>'
    )


def _diff(text: str) -> str:
    """The diff with its added and removed lines told apart by more than colour."""
    marks = {"+": "added", "-": "removed"}
    lines = []
    for line in text.splitlines():
        mark = "" if line.startswith(("+++", "---")) else marks.get(line[:1], "")
        tag = {"added": "ins", "removed": "del"}.get(mark, "span")
        lines.append(f"<{tag}>{escape(line)}</{tag}>")
    text = "\n".join(lines)
    return f'<pre class="diff" tabindex="0" aria-label="The change">{text}</pre>'


def _stale(name: str) -> str:
    return (
        "<p>The books have changed since this was shown, or the page came from elsewhere.</p>"
        f'<p><a href="/step/{escape(name)}">Look at it as it would be now</a></p>'
    )


def _refused(error: UserError) -> str:
    return f'<pre role="alert">{escape(str(error))}</pre>'


def _told(step: Step, done: Applied) -> str:
    files = "".join(f"<li><code>{escape(path.as_posix())}</code></li>" for path in done.files)
    undo = (
        f"<p>Commit {escape(done.commit[:9])}. To take it back:</p>"
        f'<pre class="command">git revert {escape(done.commit[:9])}</pre>'
        if done.commit
        else ""
    )
    remarks = "".join(f"<p>{escape(remark)}</p>" for remark in done.remarks)
    before = "<p>It was done before; nothing was done twice.</p>" if done.repeated else ""
    return f"<p>{escape(step.title)}</p>{before}<ul>{files}</ul>{remarks}{undo}"
