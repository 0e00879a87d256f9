"""Rules: the payer's drug list, and what the payer said of the benefit. Neither is believed if it says two things."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from gateway.contract.destination import Benefit
from gateway.model.line import ServiceCode
from gateway.routing.asked import LINE_OF_BUSINESS, Asked, Found, asks, decides, names, passes
from gateway.routing.decision import Rule


def listed(asked: Asked) -> Found:
    """What the list says of the line's own codes; of those the crosswalk leads to where it says nothing of them."""
    read = (*asked.code_fields, LINE_OF_BUSINESS, asked.at("dates/start"))
    if not asked.payer.benefits.drugs:
        says = "The payer's profile has no drug list."
        return passes(Rule.DRUG_LIST, says, otherwise="A drug list in the payer's profile.")
    own = _rows(asked, asked.codes)
    if own:
        return _agreed(asked, own, read, "The payer's drug list names it.", ())
    file, crossed = asked.crossed
    if not crossed:
        return passes(
            Rule.DRUG_LIST, "The payer's drug list does not name it.", read, "A row of the payer's drug list."
        )
    each = [_rows(asked, (code,)) for code in crossed]
    told = {row: benefit for rows in each for row, benefit in rows.items()}
    if not told:
        says = "The payer's drug list names neither it nor what the crosswalk makes of it."
        return passes(Rule.DRUG_LIST, says, read, "A row of the payer's drug list.", file)
    if not all(each):
        says = "The payer's drug list names some of the products that are billed under the line's code, and not others."
        fix = "Send the line's ndc, or its benefit."
        return asks(Rule.DRUG_LIST, says, fix, asked.at("ndc"), read, (*told, *file))
    return _agreed(asked, told, read, "The payer's drug list names what the crosswalk makes of it.", file)


def _rows(asked: Asked, codes: Iterable[ServiceCode]) -> dict[str, Benefit]:
    codes = tuple(codes)
    return {
        f"{asked.payer.payer}#/benefits/drugs/{number}": row.benefit
        for number, row in enumerate(asked.payer.benefits.drugs)
        if asked.serves(row.lines_of_business) and row.effective.holds(asked.service_day) and names(row.codes, codes)
    }


def _agreed(
    asked: Asked, told: dict[str, Benefit], read: tuple[str, ...], says: str, crosswalk: tuple[str, ...]
) -> Found:
    data = (*told, *crosswalk)
    if len(set(told.values())) > 1:
        says = "The payer's drug list names it under both benefits."
        return asks(
            Rule.DRUG_LIST, says, "Send the line's benefit; and mend the list.", asked.at("benefit"), read, data
        )
    benefit = next(iter(told.values()))
    otherwise = "Another product, line of business or day of service; or another row of the list."
    return decides(Rule.DRUG_LIST, benefit, f"{says} It is of the {benefit} benefit.", read, otherwise, data)


def told_by_payer(asked: Asked) -> Found:
    """The latest word of the payer's, if it is not too old."""
    items = asked.line.evidence
    oldest = asked.on - timedelta(days=asked.payer.benefits.evidence_days)
    current = {place: item for place, item in enumerate(items) if oldest <= item.told_on <= asked.on}
    inputs = tuple(f"{asked.at('evidence')}/{place}" for place in range(len(items)))
    if not current:
        says = (
            "What the payer said is too old to be believed, or of a day to come."
            if items
            else "Nothing is known of what the payer said of the benefit."
        )
        return passes(Rule.EVIDENCE, says, inputs, "The payer's own word, as the line's evidence.")
    latest = max(item.told_on for item in current.values())
    benefits = {item.benefit for item in current.values() if item.told_on == latest}
    if len(benefits) > 1:
        says = "What the payer said on one day contradicts itself."
        return asks(Rule.EVIDENCE, says, "Ask the payer, and send the line's benefit.", asked.at("benefit"), inputs)
    (benefit,) = benefits
    says = f"The payer's latest word is that the {benefit} benefit pays."
    return decides(Rule.EVIDENCE, benefit, says, inputs, "A later word of the payer's.")
