"""Which nodes of a graph have an edge that lies on a circle. Knows no questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence


def circles(edges: Mapping[str, Sequence[str]]) -> set[str]:
    """The nodes from which an edge leads to where one can come back from: two nodes are on a circle when they are in
    one strongly connected part (S. R. Kosaraju's two passes), and a node is when it leads to itself. Edges to what is
    no node are left out."""
    known = {name: [target for target in targets if target in edges] for name, targets in edges.items()}
    back: dict[str, list[str]] = {name: [] for name in known}
    for name, targets in known.items():
        for target in targets:
            back[target].append(name)
    part: dict[str, str] = {}
    for root in reversed([*finished(known, known)]):
        if root not in part:
            part |= dict.fromkeys(finished(back, [root], set(part)), root)
    return {name for name, targets in known.items() if any(part[target] == part[name] for target in targets)}


def finished(edges: Mapping[str, Sequence[str]], roots: Iterable[str], passed: set[str] | None = None) -> Iterator[str]:
    """Depth first, every node once all that it leads to was given. Without recursion: a set may be a long chain."""
    passed = set() if passed is None else passed
    for root in roots:
        if root in passed:
            continue
        passed.add(root)
        stack = [(root, iter(edges[root]))]
        while stack:
            name, targets = stack[-1]
            found = next((target for target in targets if target not in passed), None)
            if found is None:
                yield name
                stack.pop()
            else:
                passed.add(found)
                stack.append((found, iter(edges[found])))
