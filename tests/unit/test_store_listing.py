"""Lists of cases: filtered without opening one, page by page, each tenant its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.contract.destination import Mode
from gateway.model.status import Attention, CaseStatus
from gateway.store.cursors import BadCursor
from gateway.store.database import Database
from gateway.store.listing import CaseFilters, list_cases
from gateway.store.records import Step
from tests.unit.store_cases import TENANT, approval, do, made_up, opened, standing_of, take


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as opened_store:
        yield opened_store


async def test_pages_follow_each_other_newest_first_without_gap_or_repetition(database: Database) -> None:
    cases = [await take(database, made_up(reference=f"REF-{n}")) for n in range(7)]
    seen, cursor = [], None
    for size in (3, 3, 1):
        page = await list_cases(database, TENANT, Mode.TEST, after=cursor, limit=3)
        assert len(page.cases) == size
        seen += [(case.id, case.reference) for case in page.cases]
        cursor = page.next
    assert cursor is None
    assert seen == [(cases[n], f"REF-{n}") for n in reversed(range(7))]


async def test_cases_taken_at_the_same_instant_are_all_listed(database: Database) -> None:
    cases = {await take(database) for _ in range(5)}
    await database.fetch("UPDATE requests SET created_at = '2026-03-02T09:00:00.000001Z'")
    seen, cursor = [], None
    while True:
        page = await list_cases(database, TENANT, Mode.TEST, after=cursor, limit=2)
        seen += [case.id for case in page.cases]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == 5
    assert set(seen) == cases


async def test_each_filter_narrows(database: Database) -> None:
    one = await take(database, made_up(reference="REF-1", member_id="ZZ-TEST 0001"))
    two = await take(database, made_up(reference="REF-2", member_id="ZZTEST0002"))
    between = database.now()
    await do(database, Step(one, standing=standing_of(approval())))
    for filters, expected in [
        (CaseFilters(), [two, one]),
        (CaseFilters(status=CaseStatus.APPROVED), [one]),
        (CaseFilters(status=CaseStatus.QUEUED), [two]),
        (CaseFilters(attention=Attention.GATEWAY), [two]),
        (CaseFilters(payer="evergreen_health"), [two, one]),
        (CaseFilters(payer="bluestem_mutual"), []),
        (CaseFilters(reference="REF-1"), [one]),
        (CaseFilters(reference=" REF-2 "), [two]),
        (CaseFilters(reference="ref-1"), []),
        (CaseFilters(member_id="ZZTEST0001"), [one]),
        (CaseFilters(member_id="zz test-0002"), [two]),
        (CaseFilters(member_id="ZZTEST0003"), []),
        (CaseFilters(updated_after=between), [one]),
        (CaseFilters(status=CaseStatus.APPROVED, reference="REF-2"), []),
        (CaseFilters(status=CaseStatus.APPROVED, payer="evergreen_health", reference="REF-1"), [one]),
    ]:
        page = await list_cases(database, TENANT, Mode.TEST, filters)
        assert [case.id for case in page.cases] == expected, filters


@pytest.mark.parametrize("column", ["reference", "status", "attention"])
async def test_a_case_that_cannot_be_read_is_listed_so_and_takes_no_other_off_the_list(
    database: Database, column: str
) -> None:
    cases = [await take(database, made_up(reference=f"REF-{n}")) for n in range(3)]
    wrong = "set_byte(reference, 20, get_byte(reference, 20) # 1)" if column == "reference" else "'nonsense'"
    await database.fetch(f"UPDATE requests SET {column} = {wrong} WHERE id = $1", cases[1])
    for filters in (CaseFilters(), CaseFilters(payer="evergreen_health"), CaseFilters(member_id="ZZTEST0001")):
        page = await list_cases(database, TENANT, Mode.TEST, filters, limit=2)
        rest = await list_cases(database, TENANT, Mode.TEST, filters, after=page.next, limit=2)
        listed = [*page.cases, *rest.cases]
        assert [case.id for case in listed] == cases[::-1]
        assert [case.changed for case in listed] == [(), (column,), ()]
        assert [getattr(case, column) is None for case in listed] == [False, True, False]
        assert listed[1].payer == "evergreen_health"


async def test_nobody_lists_or_finds_anothers_cases(database: Database) -> None:
    await take(database)
    for tenant, mode in [("clinic-two", Mode.TEST), (TENANT, Mode.LIVE)]:
        for filters in (CaseFilters(), CaseFilters(reference="REF-1"), CaseFilters(member_id="ZZTEST0001")):
            assert (await list_cases(database, tenant, mode, filters)).cases == ()


async def test_equal_member_ids_of_two_tenants_have_different_indexes(database: Database) -> None:
    await take(database)
    await take(database, tenant="clinic-two")
    rows = await database.fetch("SELECT reference_index, member_index FROM requests")
    assert len({index for row in rows for index in row}) == 4


async def test_a_reference_that_is_the_member_id_has_another_index(database: Database) -> None:
    await take(database, made_up(reference="ZZTEST0001", member_id="ZZTEST0001"))
    [row] = await database.fetch("SELECT reference_index, member_index FROM requests")
    assert row["reference_index"] != row["member_index"]


async def test_a_cursor_belongs_to_its_filters_tenant_and_mode(database: Database) -> None:
    for _ in range(2):
        await take(database)
        await take(database, tenant="clinic-two")
        await take(database, mode=Mode.LIVE)
    cursor = (await list_cases(database, TENANT, Mode.TEST, limit=1)).next
    assert cursor is not None
    for tenant, mode, filters, text in [
        ("clinic-two", Mode.TEST, CaseFilters(), cursor),
        (TENANT, Mode.LIVE, CaseFilters(), cursor),
        (TENANT, Mode.TEST, CaseFilters(status=CaseStatus.QUEUED), cursor),
        (TENANT, Mode.TEST, CaseFilters(), cursor[:-1]),
        (TENANT, Mode.TEST, CaseFilters(), "not a cursor"),
    ]:
        with pytest.raises(BadCursor):
            await list_cases(database, tenant, mode, filters, after=text)
    assert len((await list_cases(database, TENANT, Mode.TEST, after=cursor)).cases) == 1
