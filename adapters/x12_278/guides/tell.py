"""Puts what was found into faults: the place in the document and in the guide, the code, the sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from adapters.x12_278.guides.elements import FEW, Flaw
from adapters.x12_278.guides.faults import Fault, Kind
from adapters.x12_278.guides.grammar import Composite, Element, Grammar, Loop, SegmentNode, Usage
from adapters.x12_278.guides.judge import Broken
from adapters.x12_278.guides.levels import Misplaced
from adapters.x12_278.guides.moves import Missing, Move
from adapters.x12_278.guides.rules import Place


class Spot(NamedTuple):
    """A segment in the document. Where it begins is only looked for when somebody asks, while it is still kept."""

    number: int
    place: Callable[[int, int], int]
    ordinal: int
    tag: str

    def at(self, within: int = 0) -> int:
        """The offset in the document of a byte of the segment."""
        return self.place(self.number, within)


_PAYERS = 7
_CHANGES = {"1": "usage", "I10": "usage", "7": "codes", "I6": "codes", "4": "length", "5": "length", "12": "most"}
"""By the code of a fault in an element (IK403) the kind of difference that it may come of."""
_UNLISTED = ("7", "I6")
_SEGMENT_CHANGES = {"3": "usage", "I4": "usage", "4": "most", "5": "most"}


class Teller:
    """Tells of one transaction, or of an envelope."""

    def __init__(self, grammar: Grammar) -> None:
        self.guide = grammar.name

    def element(self, flaw: Flaw, node: SegmentNode, loop: str, spot: Spot) -> Fault:
        at = f"{loop}/{node.label()}{flaw.place:02d}" + (f"-{flaw.part}" if flaw.part else "")
        layer = flaw.node.changed.get(_CHANGES.get(flaw.code, ""), "") if flaw.node else ""
        return Fault(
            kind=Kind.ELEMENT,
            code=flaw.code,
            level=_PAYERS if layer else flaw.level,
            says=flaw.says,
            segment=spot.number,
            offset=spot.at(flaw.start),
            tag=spot.tag,
            ordinal=spot.ordinal,
            loop=loop,
            at=at,
            guide=self.guide,
            pos=node.pos,
            element=flaw.place,
            component=flaw.part,
            repetition=flaw.repetition if flaw.repetition > 1 else 0,
            number=_number(flaw.node),
            sure=flaw.node.sure if flaw.node else node.sure,
            layer=layer,
            allowed=_allowed(flaw),
        )

    def segment(
        self, code: str, level: int, says: str, spot: Spot, loop: Loop, node: SegmentNode | None = None, tag: str = ""
    ) -> Fault:
        tag = tag or (node.tag if node else spot.tag)
        change = _SEGMENT_CHANGES.get(code, "")
        layer = (node.changed.get(change, "") if node else "") or loop.changed.get(change, "")
        return Fault(
            kind=Kind.SEGMENT,
            code=code,
            level=_PAYERS if layer else level,
            says=says,
            segment=spot.number,
            offset=spot.at(),
            tag=tag,
            ordinal=spot.ordinal,
            loop=loop.id,
            at=f"{loop.id}/{node.label() if node else tag}",
            guide=self.guide,
            pos=node.pos if node else 0,
            sure=node.sure if node else loop.sure,
            layer=layer,
        )

    def missing(self, missing: Missing, spot: Spot) -> Fault:
        node, loop = missing.node, missing.loop
        name = (
            f"Loop {loop.id} ({loop.name}), which begins with {node.label()},"
            if missing.whole
            else (f"{node.label()} ({node.name}) of loop {loop.id}")
        )
        return self.segment("3", 2, f"{name} is missing. Give it in front of this segment.", spot, loop, node)

    def move(self, move: Move, spot: Spot) -> list[Fault]:
        found = []
        for loop in move.entered:
            if loop.usage is Usage.NOT_USED:
                says = f"Loop {loop.id} ({loop.name}) is not used here. Leave it out."
                found.append(self.segment("I4", 2, says, spot, loop, move.node))
        if move.node.usage is Usage.NOT_USED:
            says = f"{move.node.label()} ({move.node.name}) is not used here. Leave it out."
            found.append(self.segment("I4", 2, says, spot, move.loop, move.node))
        if isinstance(move.too_often, Loop):
            loop = move.too_often
            says = f"Loop {loop.id} ({loop.name}) comes more than {_times(loop.most)}. Leave out what is too much."
            found.append(replace(self.segment("4", 2, says, spot, loop, move.node), most=loop.most))
        elif move.too_often is not None:
            node = move.too_often
            says = f"{node.label()} ({node.name}) comes more than {_times(node.most)} in loop {move.loop.id}."
            fault = self.segment("5", 2, f"{says} Leave out what is too much.", spot, move.loop, node)
            found.append(replace(fault, most=node.most))
        return found

    def level(self, misplaced: Misplaced, loop: str, spot: Spot, values: Sequence[bytes]) -> Fault:
        node = misplaced.level.node
        element = node.elements[misplaced.place - 1] if node else None
        rank = 1 if misplaced.refuses else 4
        start = _start(values, misplaced.place)
        flaw = Flaw(element, misplaced.place, 0, 0, start, misplaced.code, rank, misplaced.says)
        if node is None:
            return Fault(
                kind=Kind.ELEMENT,
                code=flaw.code,
                level=1,
                says=flaw.says,
                segment=spot.number,
                offset=spot.at(flaw.start),
                tag="HL",
                ordinal=spot.ordinal,
                guide=self.guide,
                element=flaw.place,
            )
        return replace(self.element(flaw, node, loop, spot), refuses=misplaced.refuses)

    def rule(self, broken: Broken, loop: Loop, node: SegmentNode, spot: Spot) -> Fault:
        """``node`` is the segment that the rule's ``at`` names, or that opens its loop where it is missing there."""
        rule, at, condition = broken.rule, broken.at, broken.condition
        elsewhere = [place for place in map(Place.of, condition.at) if not place.same_segment(at)]
        kind, code, tag = Kind.SEGMENT, "I6", at.tag
        if condition.is_ == "absent":
            code = "I9"
        if elsewhere and condition.is_ in ("present", "absent"):
            tag = elsewhere[0].tag
        elif at.element and not broken.missing:
            kind = Kind.ELEMENT
            code = {"present": "I9", "absent": "I13"}.get(condition.is_, "7")
        element = node.elements[at.element - 1] if at.element and not broken.missing else None
        if isinstance(element, Composite) and at.component:
            element = element.parts[at.component - 1]
        start = _start(broken.values, at.element) if at.element and not broken.missing else 0
        return Fault(
            kind=kind,
            code=code,
            level=rule.level,
            says=rule.says,
            segment=spot.number,
            offset=spot.at(start),
            tag=tag,
            ordinal=spot.ordinal,
            loop=loop.id,
            at=rule.at,
            guide=self.guide,
            pos=node.pos,
            element=0 if broken.missing else at.element,
            component=0 if broken.missing else at.component,
            number=_number(element),
            sure=rule.sure,
            refuses=rule.refuses,
            rule=rule.id,
            layer=rule.source if rule.level == _PAYERS else "",
            elsewhere=condition.at[0] if elsewhere else "",
        )


def _allowed(flaw: Flaw) -> tuple[str, ...]:
    codes = flaw.node.codes if isinstance(flaw.node, Element) and flaw.code in _UNLISTED else ()
    return tuple(sorted(code.decode() for code in codes)) if len(codes) <= FEW else ()


def _start(values: Sequence[bytes], place: int) -> int:
    return sum(len(value) + 1 for value in values[:place])


def _number(node: Element | Composite | None) -> str:
    """The data element as IK402 tells it; nothing where no number is known."""
    number = node.number.partition(".")[0] if isinstance(node, Element) else ""
    return number if number.isdigit() else ""


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
