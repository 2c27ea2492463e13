"""Queries read; the commands of the query shell are refused, however they are written."""

from pathlib import Path
from urllib.parse import quote

import pytest

from web.routes import reads_only

SHELL = (
    ".run",
    ".run x",
    ".output /tmp/written-by-a-query",
    ".explain SELECT 1",
    ".set format csv",
    ".help",
    ".EOF",
    "..output x",
    ". output x",
    "  .output x",
    "\t.output x",
    "\n.OUTPUT x",
    "\x1f.output x",
    "\u00a0.output x",
    "\u2003.output x",
    "\ufeff.output x",
    "run x",
    "RUN x",
    "RuN x",
    "exit",
    "quit",
    "help",
    "?",
    "?select",
    "!ls",
    "set boxed true",
    "errors",
    "history",
    "clear",
    "parse SELECT 1",
    "reload",
    "explain select 1",
    "print.output x",
    "select.output x",
    "selectrun x",
    "ſelect account",
    "CREATE TABLE t (a int) USING 'csv:/etc/passwd'",
    "INSERT INTO t (a) VALUES (1)",
    "; .output x",
    "-- select\n.output x",
    "'select'",
    "(select 1)",
    "EOF",
)


@pytest.mark.parametrize("query", SHELL)
@pytest.mark.parametrize(
    "path", ["/acme/api/query", "/acme/query/", "/acme/download-query/query_result.csv"]
)
def test_shell_commands_are_refused(client, query, path) -> None:
    answer = client.read(f"{path}?query_string={quote(query)}")
    assert answer.status_code == 403
    assert "SELECT" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "query",
    [
        "query_string=%2Erun",
        "query_string=%20%2Eoutput%20x",
        "query_string=+.output+x",
        "query_string=%0d%0a.output%20x",
        "query%5Fstring=.run",
        "query_string=select%20account&query_string=.run",
        "query_string=.run&query_string=select%20account",
        "time=2026&query_string=.run",
        "query_string=%252Erun",
        "query_string=%EF%BC%8Erun",
    ],
)
def test_encodings_do_not_hide_a_command(client, query) -> None:
    assert client.read(f"/acme/api/query?{query}").status_code == 403


def test_output_by_get_writes_nothing(client, tmp_path: Path) -> None:
    target = tmp_path / "written"
    client.read(f"/acme/api/query?query_string=.output%20{target}")
    assert not target.exists()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT account, sum(position) GROUP BY account",
        "  select date",
        "\nSELECT\n account",
        "balances",
        "BALANCES FROM year = 2026",
        "journal 'Checking'",
        "print",
        "select(account)",
        "SELECT*",
    ],
)
def test_reading_statements_run(client, query) -> None:
    assert reads_only(query)
    assert client.read(f"/acme/api/query?query_string={quote(query)}").status_code == 200
