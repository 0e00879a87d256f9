"""``payer-gateway new site NAME``: the folder of a payer's web site, its table of status words, and a case that fails.

Writes text and nothing else; refuses a folder that is there. What is to be written next, the files say.
"""

from __future__ import annotations

import argparse
import keyword
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Template

_TEMPLATES = Path(__file__).resolve().parent / "site"
_PROJECT = Path(__file__).resolve().parents[2]
_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")
DONE, REFUSED = 0, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """0: written. 1: refused."""
    options = _parser().parse_args(sys.argv[1:] if arguments is None else arguments)
    name: str = options.name
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        print("payer-gateway new: a site's name is lower_case_words, for example acme_health", file=sys.stderr)
        return REFUSED
    files = dict(_files(name, options.into, options.package))
    there = [path for path in files if path.exists()]
    if there:
        print(f"payer-gateway new: {there[0]} is there already", file=sys.stderr)
        return REFUSED
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(f"wrote {path}")
    print(
        "Next, in pyproject.toml and then installed again:\n\n"
        '  [project.entry-points."payer_gateway.portal_sites"]\n'
        f'  {name} = "{options.package}.{name}:SITE"\n\n'
        f"{name}/README.md says what to write, in which order. Until then `payer-gateway conformance run` fails."
    )
    return DONE


def _files(name: str, into: Path, package: str) -> Iterator[tuple[Path, str]]:
    """Every file, with its text."""
    known = {"name": name, "title": name.replace("_", " ").title(), "package": package}
    places = {
        "case.yaml": into / "conformance/cases/portal" / f"{name}_filed",
        "request.json": into / "conformance/cases/portal" / f"{name}_filed",
        "table.yaml": into / "mappings/codes",
    }
    for template in sorted(_TEMPLATES.glob("*.txt")):
        target = template.name.removesuffix(".txt")
        place = places.get(target, into / package.replace(".", "/") / name)
        if target == "table.yaml":
            target = f"portal_{name}_status.yaml"
        yield place / target, Template(template.read_text()).substitute(known)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="payer-gateway new", description="Begin something that plugs in.")
    kinds = parser.add_subparsers(required=True, metavar="KIND")
    site = kinds.add_parser("site", help="a payer's web site, for the channel portal")
    site.add_argument("name", metavar="NAME", help="lower_case_words")
    site.add_argument("--into", type=Path, default=_PROJECT, metavar="DIR", help="the project's folder")
    site.add_argument(
        "--package", default="adapters.portal.sites", metavar="PACKAGE", help="where the site's folder lies in it"
    )
    return parser
