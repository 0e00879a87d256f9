"""Rule: who reviews in the payer's place. Delegations are data of its profile; of two that hold neither is followed."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.profiles.delegation import Delegation
from gateway.routing.asked import Asked, Found, Going, asks, passes
from gateway.routing.conditions import Condition, conditions_of
from gateway.routing.decision import Result, Rule, Step, Why


def delegated(asked: Asked) -> Found:
    """The delegate, and the payer's own benefit besides where the delegation demands it."""
    delegations = asked.payer.benefits.delegations
    if not delegations:
        return passes(Rule.DELEGATED, "The payer delegates nothing.", otherwise="A delegation in the payer's profile.")
    read: list[str] = []
    holding: list[tuple[str, Delegation, list[Condition]]] = []
    unclear: list[tuple[str, Condition]] = []
    near: list[str] = []
    data: list[str] = []
    for number, delegation in enumerate(delegations):
        row = f"{asked.payer.payer}#/benefits/delegations/{number}"
        conditions = list(conditions_of(asked, delegation))
        read += [field for each in conditions for field in each.fields]
        data += [file for each in conditions for file in each.data]
        failing = [each for each in conditions if each.holds is False]
        open_ones = [each for each in conditions if each.holds is None]
        if not failing and open_ones:
            unclear.append((row, open_ones[0]))
        elif not failing:
            holding.append((row, delegation, conditions))
        elif len(failing) == 1:
            near.append(f"The delegation {delegation.delegation} fails by the {failing[0].of} alone.")
    told = [*(row for row, _, _ in holding), *(row for row, _ in unclear)]
    rows = [*told, *dict.fromkeys(data)]
    if unclear:
        condition = unclear[0][1]
        says = f"A delegation of the payer's profile holds or not by the {condition.of}, which the request leaves open."
        return asks(Rule.DELEGATED, says, condition.fix, condition.fields[-1], read, rows)
    if len(holding) > 1:
        words = " and ".join(delegation.delegation for _, delegation, _ in holding)
        says = f"Delegations of the payer's profile hold for the line alike: {words}."
        fix = "Send the line's benefit, and name the delegate as the coverage's payer; and narrow one in the profile."
        return asks(Rule.DELEGATED, says, fix, asked.at("benefit"), read, rows)
    if not holding:
        otherwise = " ".join(near) or "Another of what these delegations narrow."
        return passes(Rule.DELEGATED, "No delegation holds for the line.", read, otherwise, rows)
    _, delegation, conditions = holding[0]
    return _to(delegation, conditions, rows, read)


def _to(delegation: Delegation, conditions: Sequence[Condition], rows: list[str], read: list[str]) -> Found:
    to = delegation.payer or f"the connection {delegation.connection}"
    says = f"The payer delegates it ({delegation.delegation}) to {to}."
    own = Why(rule=Rule.DELEGATED, says=says)
    going = [Going(delegation.benefit, own, delegation.payer, delegation.connection, delegation.recommends)]
    if delegation.also:
        also = f"The payer wants it asked under its own {delegation.also} benefit as well."
        going.append(Going(delegation.also, Why(rule=Rule.ALSO, says=also)))
        says = f"{says} {also}"
    otherwise = f"Another {', '.join(each.of for each in conditions)}; or the line's benefit stated."
    return Found(
        Step(
            rule=Rule.DELEGATED,
            result=Result.DECIDES,
            says=says,
            inputs=tuple(dict.fromkeys(read)),
            data=tuple(rows),
            otherwise=otherwise,
        ),
        tuple(going),
    )
