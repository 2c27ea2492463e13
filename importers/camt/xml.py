"""XML without its dangers: no document type, no entities, nothing loaded, a bounded size."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from importers.statement import RefusedFileError

_MAX_BYTES = 10_000_000
_MAX_DEPTH = 60
_MAX_ELEMENTS = 500_000
_AGAIN = "download it from the bank again"


@dataclass(slots=True)
class Node:
    """An element: its namespace and name, its own text, its attributes, its line in the file."""

    namespace: str
    name: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def all(self, *path: str) -> Iterator["Node"]:
        """The elements at ``path`` beneath this one, in its own namespace."""
        first, *rest = path
        for child in self.children:
            if child.name == first and child.namespace == self.namespace:
                if rest:
                    yield from child.all(*rest)
                else:
                    yield child

    def get(self, *path: str) -> "Node | None":
        """The first element at ``path``."""
        return next(self.all(*path), None)

    def text_of(self, *path: str) -> str:
        """The stripped text of the first element at ``path`` that has one; else empty."""
        return next((text for node in self.all(*path) if (text := node.text.strip())), "")

    def leaves(self, path: str = "") -> Iterator[tuple[str, "Node"]]:
        """Every element without elements, with its dotted path."""
        for child in self.children:
            name = f"{path}.{child.name}" if path else child.name
            if child.children:
                yield from child.leaves(name)
            else:
                yield name, child


def parsed(raw: bytes, shown: str) -> Node:
    """The root of a file.

    Raises RefusedFileError for a file that is too large or too deep, is not well-formed (one that
    is cut off is not), or declares a document type or entities.
    """
    if len(raw) > _MAX_BYTES:
        raise RefusedFileError(
            "is larger than 10 MB; ask the bank for a shorter period", file=shown
        )
    if re.search(rb"<!\s*(DOCTYPE|ENTITY)", raw.replace(b"\0", b""), re.IGNORECASE):
        raise _declares(shown)
    try:
        return _tree(raw, shown)
    except etree.XMLSyntaxError as error:
        raise RefusedFileError(
            f"is not well-formed XML, damaged or cut off ({error.msg}); nothing of it was used",
            file=shown,
            line=error.lineno or 0,
            hint=_AGAIN,
        ) from error


def _tree(raw: bytes, shown: str) -> Node:
    top = Node("", "", 0, {})
    open_nodes, count = [top], 0
    for event, element in etree.iterparse(
        io.BytesIO(raw),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    ):
        if event == "end":
            open_nodes.pop().text = element.text or ""
            element.clear()
            continue
        count += 1
        # An encoding that hides the declaration from the search above does not hide it here.
        if count == 1 and element.getroottree().docinfo.internalDTD is not None:
            raise _declares(shown)
        if len(open_nodes) > _MAX_DEPTH or count > _MAX_ELEMENTS:
            raise RefusedFileError(
                "is nested too deeply" if count <= _MAX_ELEMENTS else "has too many elements",
                file=shown,
                line=element.sourceline or 0,
            )
        namespace, _, name = element.tag.rpartition("}")
        node = Node(namespace.lstrip("{"), name, element.sourceline or 0, dict(element.attrib))
        open_nodes[-1].children.append(node)
        open_nodes.append(node)
    return top.children[0]


def _declares(shown: str) -> RefusedFileError:
    return RefusedFileError(
        "declares a document type or entities, which no bank does and which can do harm",
        file=shown,
    )
