"""Tables, lists of terms and what alerts say, out of a tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adapters.portal.reading.node import Node

MOST_ROWS = 1000


@dataclass(frozen=True)
class Table:
    """``columns`` are the headers' words, ``rows`` the cells by them. Of a row with another number of cells than there
    are columns nothing is known: ``ragged`` says that there is one."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Node], ...]
    ragged: bool = False


def read_table(node: Node) -> Table:
    """A table by its header row, the first that has column headers and nothing else."""
    columns: tuple[str, ...] = ()
    rows: list[Mapping[str, Node]] = []
    ragged = False
    for row in node.all("row")[: MOST_ROWS + 1]:
        heads = [cell for cell in row.children if cell.role == "columnheader"]
        cells = [cell for cell in row.children if cell.role in ("cell", "gridcell", "rowheader")]
        if heads and not cells and not columns:
            columns = tuple(head.said for head in heads)
        elif columns and len(cells) == len(columns):
            rows.append(dict(zip(columns, cells, strict=True)))
        else:
            ragged = True
    return Table(columns, tuple(rows), ragged or len(rows) > MOST_ROWS or len(set(columns)) < len(columns))


def read_terms(node: Node) -> Mapping[str, tuple[Node, ...]]:
    """What is told of each term of the definition lists below a node. A term that stands twice has what is told of
    both."""
    found: dict[str, tuple[Node, ...]] = {}
    term = ""
    for each in node.walk():
        if each.role == "term":
            term = each.said
        elif each.role == "definition" and term:
            found[term] = (*found.get(term, ()), each)
    return found


def alerts(node: Node) -> Iterator[Node]:
    """What says that something is wrong."""
    for each in node.walk():
        if each.role == "alert" and each.said:
            yield each
