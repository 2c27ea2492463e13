"""The look of our own pages: Fava's font and colours, light and dark."""

from functools import cache
from html import escape
from pathlib import Path

import fava

_CSS = """
:root {
  color-scheme: light dark;
  --text: #404040; --soft: #666; --page: #fff; --raised: #f2f2f2; --line: #d9d9d9;
  --link: #0065a3; --bar: #0065a3; --bar-text: #fff; --error: #900; --warning: #7a5b00;
  --fresh: #1b6e2c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #ccc; --soft: #a6a6a6; --page: #262626; --raised: #333; --line: #4d4d4d;
    --link: #5cc0ff; --bar: #004f80; --error: #ff8a8a; --warning: #edd431;
    --fresh: #7ddc8f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.5 "Fira Sans", sans-serif; overflow-wrap: anywhere;
}
header {
  display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; padding: .6rem 1.5rem;
  background: var(--bar); color: var(--bar-text);
}
header .name { font-size: 1.1rem; font-weight: 500; }
header .time { margin-left: auto; font-size: .85rem; }
main { max-width: 58rem; margin: 0 auto; padding: .5rem 1.5rem 3rem; }
h1, h2 { font-weight: 500; line-height: 1.25; }
h1 { font-size: 1.6rem; margin: 1.2rem 0 .8rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .6rem; }
h3 { font-size: 1rem; font-weight: 500; margin: 0; }
p { margin: .25rem 0; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
header :focus-visible { outline-color: var(--bar-text); }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: .5rem; top: .5rem; padding: .3rem .6rem; background: var(--page); }
.needs { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; }
.needs > li {
  padding: .75rem 1rem; border: 1px solid var(--line); border-left: 4px solid var(--soft);
  border-radius: 3px;
}
.needs > li.error { border-left-color: var(--error); }
.needs > li.warning { border-left-color: var(--warning); }
.kind {
  font-size: .75rem; letter-spacing: .03em; text-transform: uppercase; color: var(--soft);
}
.error .kind { color: var(--error); }
.warning .kind { color: var(--warning); }
.where, code, pre { font-family: "Fira Mono", ui-monospace, monospace; font-size: .875rem; }
.where, .soft { color: var(--soft); }
pre {
  margin: .5rem 0 0; padding: .5rem .75rem; background: var(--raised); border-radius: 3px;
  white-space: pre-wrap;
}
pre.command { user-select: all; }
.diff ins, .diff del { text-decoration: none; display: inline; }
.diff ins { color: var(--fresh); } .diff del { color: var(--error); }
.step, button {
  display: inline-block; margin-top: .5rem; padding: .35rem .9rem; border: 1px solid var(--link);
  border-radius: 3px; font: inherit; text-decoration: none; cursor: pointer;
}
.step { color: var(--link); background: none; }
button { color: var(--bar-text); background: var(--bar); }
.state.wrong, .state.stale { color: var(--error); } .state.due { color: var(--warning); }
.state.fresh { color: var(--fresh); }
kbd { font-family: "Fira Mono", ui-monospace, monospace; padding: 0 .3rem;
  border: 1px solid var(--line); border-radius: 3px; }
.command::before { content: "$ "; color: var(--soft); user-select: none; }
.calm { padding: .75rem 1rem; background: var(--raised); border-radius: 3px; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .4rem .75rem; text-align: left; border-bottom: 1px solid var(--line); }
thead th {
  font-size: .85rem; font-weight: 400; color: var(--soft); background: var(--raised);
}
tbody th { font-weight: 400; }
td.count, th.count { text-align: right; font-variant-numeric: tabular-nums; }
td.count.error { color: var(--error); font-weight: 500; }
td.count.warning { color: var(--warning); font-weight: 500; }
td.go a { margin-right: .75rem; white-space: nowrap; }
@media (max-width: 36rem) {
  header, main { padding-left: .75rem; padding-right: .75rem; }
  header .time { margin-left: 0; }
  thead { position: absolute; left: -999rem; }
  tbody tr { display: flex; flex-wrap: wrap; gap: 0 1rem; border-bottom: 1px solid var(--line);
    padding: .4rem 0; }
  tbody th, tbody td { border: 0; padding: .1rem 0; }
  tbody th { flex-basis: 100%; }
  td.count::after { content: " " attr(data-label); }
  td.go { flex-basis: 100%; }
}
"""


def page(title: str, body: str) -> str:
    """A whole page around ``body``, which is HTML."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<link rel="icon" href="/static/favicon.ico">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_fonts()}{_CSS}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


@cache
def _fonts() -> str:
    """Fava's text font, which the server has anyway; its file names carry a hash."""
    static = Path(fava.__file__).parent / "static"
    return "".join(
        f'@font-face {{ font-family: "Fira Sans"; font-weight: {weight}; font-display: swap; '
        f'src: url("/static/{file.name}") format("woff2"); }}\n'
        for weight in (400, 500)
        for file in sorted(static.glob(f"fira-sans-latin-{weight}-normal-*.woff2"))[:1]
    )
