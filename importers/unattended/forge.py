"""The request to merge the standing branch: one, opened or brought up to date at the forge.

GitHub, Gitea (and Forgejo) and GitLab, by the address of the remote; ``git config books.forge`` and
``books.forge-url`` say it where the address does not.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from core import branches
from core.findings import EXIT_FINDINGS, UserError
from core.https import asked
from core.masked import Secret, masked

GITHUB, GITEA, GITLAB = "github", "gitea", "gitlab"
KINDS = (GITHUB, GITEA, GITLAB)
_HOSTS = {"github.com": GITHUB, "gitlab.com": GITLAB, "codeberg.org": GITEA, "gitea.com": GITEA}
_SSH = re.compile(r"(?:[^@/]+@)(?P<host>[^:/]+):(?P<path>[^/].*)")


@dataclass(frozen=True)
class Request:
    """A request to merge, as the forge has it; ``state`` is ``open``, ``closed`` or ``merged``,
    ``commit`` where its branch is, or was when it ended."""

    number: int
    state: str
    url: str
    commit: str = ""


@dataclass(frozen=True)
class Forge:
    """A repository at a forge: ``api`` is the address of the forge's API, ``path`` the owner and
    name of the repository; without a ``token`` nothing is asked of it."""

    kind: str
    api: str
    path: str
    token: Secret | None = None

    def newest(self, branch: str) -> Request | None:
        """The newest request of a branch. Raises UserError where the forge does not answer."""
        name = quote(branch, safe="")
        if self.kind == GITLAB:
            rows = self._rows(f"/merge_requests?source_branch={name}&order_by=created_at&sort=desc")
        elif self.kind == GITHUB:
            head = quote(f"{self.path.partition('/')[0]}:{branch}", safe=":")
            rows = self._rows(f"/pulls?head={head}&state=all&sort=created&direction=desc")
        else:
            rows = self._rows("/pulls?state=all&sort=recentupdate&limit=50")
        found = [r for r in map(_request, rows) if r is not None and r[0] == branch]
        return max((r for _, r in found), key=lambda r: r.number, default=None)

    def proposed(self, branch: str, base: str, title: str, body: str) -> Request:
        """Opens the request of ``branch``, or brings the words of the open one up to date.

        Raises UserError where the forge refuses.
        """
        before = self.newest(branch)
        is_open = before is not None and before.state == "open"
        said = {"title": title, ("description" if self.kind == GITLAB else "body"): body}
        if self.kind == GITLAB:
            place = "/merge_requests"
            ends = {"source_branch": branch, "target_branch": base}
        else:
            place, ends = "/pulls", {"head": branch, "base": base}
        if before is not None and is_open:
            method = "PUT" if self.kind == GITLAB else "PATCH"
            answer = self._call(method, f"{place}/{before.number}", said)
        else:
            answer = self._call("POST", place, {**said, **ends})
        found = _request(answer) if isinstance(answer, dict) else None
        if found is None:
            raise self._odd()
        return found[1]

    def _rows(self, place: str) -> list[Any]:
        rows = self._call("GET", place)
        if not isinstance(rows, list):
            raise self._odd()
        return rows

    def _call(self, method: str, place: str, said: Mapping[str, str] | None = None) -> Any:
        token = self.token.reveal() if self.token else ""
        key = ("PRIVATE-TOKEN", token)
        if self.kind != GITLAB:
            key = ("Authorization", f"{'Bearer' if self.kind == GITHUB else 'token'} {token}")
        root = f"/projects/{quote(self.path, safe='')}" if self.kind == GITLAB else "/repos/"
        root = root if self.kind == GITLAB else root + quote(self.path)
        headers = {key[0]: key[1], "Accept": "application/json", "Content-Type": "application/json"}
        body = json.dumps(said).encode() if said else None
        answer = asked(method, self.api + root + place, headers, body)
        try:
            told = json.loads(answer.body or b"null")
        except ValueError:
            told = None
        if answer.status >= 300:
            why = str(told.get("message") or "") if isinstance(told, dict) else ""
            raise UserError(
                masked(f"{self.kind} refuses ({answer.status}): {why[:200]}".rstrip(": ")),
                hint="the token has to allow pull requests of this repository: "
                "books secrets set forge-token",
                code=EXIT_FINDINGS,
            )
        return told

    def _odd(self) -> UserError:
        return UserError(f"the answer of {self.kind} is not understood", code=EXIT_FINDINGS)


def forge_of(folder: Path, remote: str, token: Secret | None) -> Forge | None:
    """The forge behind a remote; None where its address says none and no setting does.

    Raises UserError for a setting that means nothing.
    """
    address = branches.setting(folder, f"remote.{remote}.url") if remote else ""
    ssh = _SSH.fullmatch(address)
    said = urlsplit("" if ssh else address)
    host = ssh["host"] if ssh else (said.hostname or "")
    path = (ssh["path"] if ssh else said.path).strip("/").removesuffix(".git")
    kind = branches.setting(folder, "books.forge") or _HOSTS.get(host, "")
    if kind and kind not in KINDS:
        raise UserError(
            f"'{kind}' is no forge that is known here",
            hint=f"git config books.forge {'|'.join(KINDS)}",
        )
    if not kind or not path:
        return None
    api = (
        branches.setting(folder, "books.forge-url").rstrip("/")
        or {
            GITHUB: "https://api.github.com" if host == "github.com" else f"https://{host}/api/v3",
            GITEA: f"https://{host}/api/v1",
            GITLAB: f"https://{host}/api/v4",
        }[kind]
    )
    if branches.setting(folder, "books.forge-url") and kind != GITLAB:
        path = "/".join(path.split("/")[-2:])
    return Forge(kind, api, path, token)


def by_hand(forge: Forge | None, remote: str, branch: str, base: str, title: str) -> str:
    """The command with which a person opens the request, or merges without one."""
    words = title.replace('"', "'")
    match forge.kind if forge and remote else "":
        case "github":
            return f'gh pr create --head {branch} --base {base} --title "{words}" --body ""'
        case "gitlab":
            return f'glab mr create --source-branch {branch} --target-branch {base} -t "{words}"'
        case "gitea":
            return f'tea pr create --head {branch} --base {base} --title "{words}"'
        case _:
            return f"git switch {base} && git merge {branch}"


def _request(said: Any) -> tuple[str, Request] | None:
    """The branch of a request, and the request; None for what is none."""
    try:
        if "iid" in said:
            state = {"opened": "open", "locked": "open"}.get(said["state"], said["state"])
            request = Request(int(said["iid"]), state, str(said["web_url"]), str(said["sha"] or ""))
            return str(said["source_branch"]), request
        is_merged = bool(said.get("merged_at") or said.get("merged"))
        state = "merged" if is_merged else str(said["state"])
        head = said["head"]
        number, url = int(said["number"]), str(said["html_url"])
        return str(head["ref"]), Request(number, state, url, str(head.get("sha") or ""))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
