"""What elements hold, as types: each class is an element, each field of it one that stands in it, in this order.

A value is read as it comes, whatever it lacks, for payers leave out what they like; it is written only where it keeps
every bound, for a message that does not is refused by whoever gets it. Knows no element by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, TypeVar, dataclass_transform

from adapters.script_epa.codec.tree import Node, Tree
from adapters.script_epa.codec.writing import Xml, ends, escaped, leaf

LONG = 2000
_PRINTABLE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})?")


class Malformed(ValueError):
    """A value that cannot be written: where, and what is wrong; never what it is."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Part:
    """An element. ``node`` is where it was read, and no part of what it says."""

    word: ClassVar[str] = ""
    """What it is called, where its name alone says which of several it is."""
    forms: ClassVar[tuple[tuple[str, Form], ...]] = ()
    """Its fields, each with its form."""
    node: Node | None = field(default=None, compare=False)
    several: tuple[str, ...] = field(default=(), compare=False)
    """Of what may stand there once, what was read more than once and not alike: the first counts, or none."""

    def __repr__(self) -> str:
        """The kind alone: what it holds is about a patient."""
        return f"<{type(self).__name__}>"


P = TypeVar("P", bound=Part)
Kind = Literal["text", "date", "part", "choice", "verbatim"]


@dataclass(frozen=True, slots=True)
class Form:
    """``least`` to ``most`` elements under our ``word``, held as a tuple where there are ``many``; ``also`` is another
    word that partners use for it. ``length`` and ``shape`` are a text's, ``of`` what may stand in it."""

    kind: Kind
    word: str
    least: int
    most: int = 1
    many: bool = False
    length: int = LONG
    shape: re.Pattern[str] = _PRINTABLE
    also: str | None = None
    of: tuple[type[Part], ...] = ()


_Field = tuple[str, Form, tuple[Xml, Xml]]
"""What a class calls it, its form, and the tags that begin and end it."""


def _field(kind: Kind, word: str, needed: bool = False, many: int | None = None, **more: Any) -> Any:
    form = Form(kind, word, int(needed), 1 if many is None else many, many is not None, **more)
    return field(default=None if many is None else (), metadata={"form": form})


def text(
    word: str,
    length: int,
    *,
    needed: bool = False,
    many: int | None = None,
    shape: str | None = None,
    also: str | None = None,
) -> Any:
    """``shape`` is a regular expression, ``many`` how often it may stand there."""
    pattern = re.compile(shape) if shape else _PRINTABLE
    return _field("text", word, needed, many, length=length, shape=pattern, also=also)


def absent(word: str) -> Any:
    """A text that is read where it stands, and may not be written there."""
    return field(default=None, metadata={"form": Form("text", word, 0, 0)})


def date(word: str, *, needed: bool = False) -> Any:
    """A day or a moment, as it is written."""
    return _field("date", word, needed)


def part(word: str, of: type[Part], *, needed: bool = False, many: int | None = None) -> Any:
    return _field("part", word, needed, many, of=(of,))


def choice(word: str, *of: type[Part]) -> Any:
    """An element that holds one of these, which it needs."""
    return _field("choice", word, needed=True, of=of)


def verbatim(word: str, *, needed: bool = False) -> Any:
    """An element that is kept byte for byte, itself included."""
    return _field("verbatim", word, needed)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def element(of: type[P]) -> type[P]:
    """Makes the class of an element."""
    made = dataclass(frozen=True, kw_only=True, repr=False)(of)
    made.forms = tuple((each.name, each.metadata["form"]) for each in fields(made) if "form" in each.metadata)
    return made


class Writer:
    """Writes elements by one version's names. What the fields of each class are called is looked up once."""

    def __init__(self, tags: Mapping[str, str]) -> None:
        self._tags = tags
        self._plans: dict[type[Part], tuple[_Field, ...]] = {}

    def write(self, value: Part, word: str) -> Xml:
        """The element of this name. Raises Malformed."""
        said: list[Xml] = []
        self._write(value, word, ends(self._tags[word]), said)
        return b"".join(said)

    def _write(self, value: Part, word: str, around: tuple[Xml, Xml], said: list[Xml]) -> None:
        plan = self._plans.get(type(value)) or self._planned(type(value))
        said.append(around[0])
        try:
            for name, form, tags in plan:
                held = getattr(value, name)
                if held is None:
                    if form.least:
                        raise Malformed(f"{form.word}: there is none")
                elif form.many:
                    if not form.least <= len(held) <= form.most:
                        raise Malformed(f"{form.word}: there are too many, or too few")
                    for one in held:
                        self._write_one(one, form, tags, said)
                elif not form.most:
                    raise Malformed(f"{form.word}: it may not stand there")
                else:
                    self._write_one(held, form, tags, said)
        except Malformed as error:
            raise Malformed(f"{word}/{error}") from None
        said.append(around[1])

    def _write_one(self, value: Any, form: Form, tags: tuple[Xml, Xml], said: list[Xml]) -> None:
        if type(value) is bytes:  # what goes back to the payer in its own bytes
            said.append(value)
        elif type(value) is not str:
            if form.kind == "choice":
                self._write_chosen(value, form, tags, said)
            else:
                self._write(value, form.word, tags, said)
        elif form.kind == "date":
            said += (tags[0], self._dated(value, form), tags[1])
        elif len(value) > form.length or not form.shape.fullmatch(value):
            raise Malformed(f"{form.word}: it is too long, or not written as it must be")
        else:
            said += (tags[0], escaped(value).encode(), tags[1])

    def _write_chosen(self, value: Part, form: Form, tags: tuple[Xml, Xml], said: list[Xml]) -> None:
        if type(value) not in form.of:
            raise Malformed(f"{form.word}: nothing of this kind may stand there")
        said.append(tags[0])
        self._write(value, value.word, ends(self._tags[value.word]), said)
        said.append(tags[1])

    def _dated(self, written: str, form: Form) -> Xml:
        day, time = written[:10], written[10:]
        if not _DAY.fullmatch(day) or (time and not _TIME.fullmatch(time)):
            raise Malformed(f"{form.word}: it is no day, and no moment")
        return leaf(self._tags["DateTime" if time else "Date"], written)

    def _planned(self, of: type[Part]) -> tuple[_Field, ...]:
        plan = tuple((name, form, ends(self._tags[form.word])) for name, form in of.forms)
        self._plans[of] = plan
        return plan


def read(of: type[P], node: Node, tree: Tree, tags: Mapping[str, str]) -> P:
    """What an element holds of what is known here."""
    held: dict[str, Any] = {"node": node}
    for name, form in of.forms:
        found = _named(node, form, tags)
        if form.many:
            values = (_value(each, form, tree, tags) for each in found)
            held[name] = tuple(value for value in values if value is not None)
        elif form.kind == "date" and len(found) == 1 and len(set(all_said_at(found[0]))) > 1:
            held["several"] = (*held.get("several", ()), form.word)
        elif len(found) < 2:
            held[name] = _value(found[0], form, tree, tags) if found else None
        else:
            first, *others = (_value(each, form, tree, tags) for each in found)
            choice = form.kind == "choice"  # where one thing is to be said and two are, nothing is that is known
            held[name] = None if choice else first
            if choice or any(other != first for other in others):
                held["several"] = (*held.get("several", ()), form.word)
    return of(**held)


def several_in(value: Part) -> Iterator[str]:
    """Our words for what it, or an element in it, has several of that must be one."""
    yield from value.several
    for name, form in value.forms:
        if form.kind == "part":
            held = getattr(value, name)
            for each in held if form.many else (held,):
                if each is not None:
                    yield from several_in(each)


def places(value: Part, name: str, tags: Mapping[str, str]) -> list[Node]:
    """Where the field of this name was read; nowhere where it is missing, or a text and empty."""
    form = dict(value.forms)[name]
    found = _named(value.node, form, tags) if value.node is not None else []
    return [node for node in (found if form.many else found[:1]) if form.kind != "text" or node.text]


def _named(node: Node, form: Form, tags: Mapping[str, str]) -> list[Node]:
    names = (tags[form.word], tags[form.also or form.word])
    return [child for child in node.children if child.name in names]


def _value(node: Node, form: Form, tree: Tree, tags: Mapping[str, str]) -> Any:
    if form.kind == "text":
        return node.text or None
    if form.kind == "date":
        return said_at(node)
    if form.kind == "verbatim":
        return tree.utf8(node.start, node.end)
    if form.kind == "part":
        return read(form.of[0], node, tree, tags)
    of = {tags[each.word]: each for each in form.of}
    said = node.children[0] if len(node.children) == 1 else None
    return read(of[said.name], said, tree, tags) if said is not None and said.name in of else None


def said_at(node: Node | None) -> str | None:
    """A day or a time as it is written, in an element of its own or not."""
    return next(iter(all_said_at(node)), None) if node is not None else None


def all_said_at(node: Node) -> list[str]:
    """The same, where one may stand and more do."""
    return [inner.text[:64] for inner in node.children or (node,) if inner.text]
