"""Rule: what is taken by mouth and Medicare pays for all the same under Part B. It comes before who supplies it: such a
drug is dispensed by a pharmacy and is of the medical benefit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gateway.model.people import LineOfBusiness
from gateway.model.request import SupplyMode
from gateway.profiles.part_b import OralAnticancer, OralAntiemetic
from gateway.routing.asked import LINE_OF_BUSINESS, Asked, Found, asks, decides, names, passes
from gateway.routing.decision import Rule
from gateway.routing.given import mode

_OF_MEDICARE = (LineOfBusiness.MEDICARE_ADVANTAGE, LineOfBusiness.MEDICARE_PART_D)
_HOURS = 48
_GIVEN = (SupplyMode.BUY_AND_BILL, SupplyMode.SPECIALTY_PHARMACY)
_ROW = "A row of the lists under benefits/."


def part_b_or_d(asked: Asked) -> Found:
    """Decides for drugs of the lists only, and asks of others where these lists may lack them."""
    if asked.business not in _OF_MEDICARE:
        says = "The coverage is not Medicare's."
        return passes(Rule.MEDICARE_PART_B, says, (LINE_OF_BUSINESS,), "A Medicare line of business.")
    read = (LINE_OF_BUSINESS, *asked.code_fields, asked.at("dates/start"))
    crossed = asked.crossed[0]
    for row, drug in _rows(asked):
        if names(drug.codes, asked.billed):
            data = (row, *crossed)
            return (
                _anticancer(asked, drug, read, data)
                if isinstance(drug, OralAnticancer)
                else _antiemetic(asked, read, data)
            )
    if asked.is_drug and (asked.by_mouth or not asked.billed):
        return _unlisted(asked, read, crossed)
    says = "The line names no drug that Part B pays for when it is taken by mouth."
    return passes(Rule.MEDICARE_PART_B, says, read, _ROW, crossed)


def _unlisted(asked: Asked, read: tuple[str, ...], crossed: tuple[str, ...]) -> Found:
    """A drug that no list names, while the lists are not complete: asked where Part B may pay for it by mouth."""
    inputs = (*read, *asked.diagnosis_fields, asked.at("supply"), "/supply")
    if asked.billed:
        says = "The drug is taken by mouth, and the lists of what Part B pays for do not name it."
    else:
        says = "It is not known under which code the product is billed, so not whether Part B pays for it by mouth."
    doubtful = [each for part in asked.reference.part_b for each in part.doubtful]
    if mode(asked)[0] in _GIVEN:
        says = f"{says} The practice buys it or gives it."
        return passes(Rule.MEDICARE_PART_B, says, inputs, "Another supply of the line.", crossed)
    if asked.is_for(doubtful) is False:
        says = f"{says} The line's diagnosis is none for which it does."
        return passes(Rule.MEDICARE_PART_B, says, inputs, f"Another diagnosis; the line's HCPCS code. {_ROW}", crossed)
    fix = "Send the line's benefit, or what the payer said of it as its evidence"
    fix = f"{fix}." if asked.billed else f"{fix}; or its HCPCS code, with the NDC as its ndc."
    found = asks(Rule.MEDICARE_PART_B, says, fix, asked.at("benefit"), inputs, crossed)
    return replace(found, yields=True)


def _rows(asked: Asked) -> Iterator[tuple[str, OralAnticancer | OralAntiemetic]]:
    for each in asked.reference.part_b:
        for place, one in enumerate(each.anticancer):
            if one.effective.holds(asked.service_day):
                yield f"{each.list}#/anticancer/{place}", one
        for place, other in enumerate(each.antiemetics):
            if other.effective.holds(asked.service_day):
                yield f"{each.list}#/antiemetics/{place}", other


def _anticancer(asked: Asked, drug: OralAnticancer, read: tuple[str, ...], data: tuple[str, ...]) -> Found:
    inputs = (*read, *asked.diagnosis_fields)
    covered = asked.is_for(drug.indications)
    if covered is None:
        says = (
            "Part B pays for this oral anticancer drug in some indications, and the line does not say which it is for."
        )
        fix = "Send in the line's diagnoses which of the request's diagnoses it is for."
        return asks(Rule.MEDICARE_PART_B, says, fix, asked.at("diagnoses"), inputs, data)
    if covered:
        says = "Part B pays for this drug by mouth, as for the injectable of the same ingredient and indication."
        return _of_part_b(asked, says, inputs, "A diagnosis outside these indications.", data)
    says = "Part B pays for this drug by mouth in other indications only, so it is Part D's."
    return decides(Rule.MEDICARE_PART_B, "pharmacy", says, inputs, "A diagnosis among Part B's indications.", data)


def _antiemetic(asked: Asked, read: tuple[str, ...], data: tuple[str, ...]) -> Found:
    told, field = asked.line.antiemetic, asked.at("antiemetic")
    if told is None:
        says = f"Part B pays for this antiemetic only in full place of the intravenous one, within {_HOURS} hours."
        fix = "Send the line's antiemetic: replaces_intravenous, and last_dose_hours after the chemotherapy."
        return asks(Rule.MEDICARE_PART_B, says, fix, field, read, data)
    inputs = (*read, f"{field}/replaces_intravenous", f"{field}/last_dose_hours")
    if told.replaces_intravenous and told.last_dose_hours <= _HOURS:
        says = f"It fully replaces the intravenous antiemetic within {_HOURS} hours, so it is Part B's."
        otherwise = f"A dose beyond {_HOURS} hours, or an intravenous antiemetic besides."
        return _of_part_b(asked, says, inputs, otherwise, data)
    says = f"It does not fully replace the intravenous antiemetic within {_HOURS} hours, so it is Part D's."
    otherwise = f"Full replacement, with the last dose within {_HOURS} hours."
    return decides(Rule.MEDICARE_PART_B, "pharmacy", says, inputs, otherwise, data)


def _of_part_b(asked: Asked, says: str, inputs: tuple[str, ...], otherwise: str, data: tuple[str, ...]) -> Found:
    """A plan of Part D alone pays for nothing of Part B: whoever does has another coverage."""
    if asked.business is LineOfBusiness.MEDICARE_PART_D:
        says = f"{says} The coverage is a plan of Part D alone, which pays for nothing of Part B."
        fix = "Send the coverage that pays for Part B; or the line's benefit, if this plan said that it is Part D's."
        return asks(Rule.MEDICARE_PART_B, says, fix, LINE_OF_BUSINESS, inputs, data)
    return decides(Rule.MEDICARE_PART_B, "medical", says, inputs, otherwise, data)
