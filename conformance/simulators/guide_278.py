"""The guides of the 278 these payers read: 005010X217 request (BHT02 13), 005010X215 inquiry (BHT02 28), and the notice
of an admission, 005010X216.

Structure and code values only, collected from public implementations (see README.md, Sources); no text of X12. Where
those sources disagree the wider set stands here. The inquiry is less known: it is the request with what a public
inquiry was seen to leave out (BHT06, UM02) made situational, and with either kind of TRN.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from conformance.simulators.notation import Slot, Table, table


@dataclass(frozen=True, slots=True)
class Party:
    """A loop that begins with NM1, chosen by NM101."""

    id: str
    required: bool
    most: int
    table: Table


@dataclass(frozen=True, slots=True)
class Level:
    """A loop that begins with HL, chosen by HL03. ``parents`` are the HL03 codes it may hang under."""

    id: str
    required: bool
    most: int
    parents: tuple[str, ...]
    table: Table
    parties: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    name: str
    header: Slot
    levels: dict[str, Level]


_ADDRESS = """
N3  S1  R1-55 S1-55
N4  S1  R2-30 Sstate S3-15 S2-3 2:N S1-3"""
_CONTACT = """
PER S1  R=IC S1-60 S=EM/FX/TE/UR S1-256 S=EM/EX/FX/TE/UR S1-256 S=EM/EX/FX/TE/UR S1-256 N ; P0304 P0506 P0708"""
_BIRTH = """
DMG S1  R=D8 Rdate S=F/M/U"""
_NAME = "S1-60 S1-35 S1-25 S1-10 S1-10"
_PROVIDER_IDS = "R=0B/1G/1J/EI/G5/N5/N7/SY/ZH"


def _party(loop: str, use: str, rows: str) -> Party:
    return Party(loop, use[0] == "R", int(use[1:]), table(rows))


def _provider(loop: str, use: str, entities: str) -> Party:
    return _party(
        loop,
        use,
        f"""
NM1 R1  R={entities} R=1/2 {_NAME} S=24/34/46/XX S2-80 3:N ; P0809 NPI
REF S8  {_PROVIDER_IDS} R1-50 S1-80{_ADDRESS}{_CONTACT}
PRV S1  R=AD/AS/AT/OP/OR/OT/PC/PE/RF S=PXC Staxonomy ; P0203""",
    )


_CODED = "{codes},R1-48,S2,S2,S2,S2,S1-80,S1-48"
_PROCEDURE, _DENTAL = _CODED.format(codes="R=HC/N4/WK/ZZ"), _CODED.format(codes="R=AD")
_DELIVERY = (
    "HSD S1  S=DY/FL/HS/MN/VS S.1-15 S=DA/MO/WK S.1-6 S=21/26/27/29/34/35/6/7 S#1-3 S1-2 S=A/B/C/D/E/F/G/Y"
    " ; P0102 C0605"
)
_PAPERWORK = "PWK S10 R1-2 R=AA/BM/EL/EM/FX/VO 2:N S=AC S2-80 S1-80 ; P0506"
_REVIEWS = """
REF S1  R=BB R1-50
REF S1  R=NT R1-50"""
# ICD-9 (BK, BF, BJ, PR) is for services before October 2015 (45 CFR 162.1002), which nobody asks for in advance.
_DIAGNOSIS = "{use}(R={codes},R1-30,S=D8,Sdate)P0304"
_HI = " ".join(
    [
        _DIAGNOSIS.format(use="R", codes="ABF/ABJ/ABK/APR/DR"),
        _DIAGNOSIS.format(use="S", codes="ABF/ABJ/APR/DR"),
        "10:" + _DIAGNOSIS.format(use="S", codes="ABF/APR/DR"),
    ]
)
_PLACE = "S(R#2,R=A/B)"
"""Where: a place of service (B), or the facility's part of a type of bill (A). Two digits either way."""


def _event(trace: str, certification: str) -> str:
    return f"""
HL  R1  R#1-12 R#1-12 R=EV R=0/1
TRN S2  {trace} R1-50 R10 S1-50
UM  R1  R=AR/HS/IN/SC {certification}=1/2/3/4/I/N/R/S S1-2 {_PLACE} S(R=AA/AP/EM,S=AA/AP/EM,S=AA/AP/EM,S2,S2-3) \
S=03/E/U S=1/2/3/4/5/6/7/8/9/E/F/G/P S=1/2/3/4/5/6/7/8 S=I/M/Y S=1/2/3/4/7/8/10/11/15/16/17{_REVIEWS}
DTP S1  R=439 R=D8 Rperiod
DTP S1  R=484 R=D8 Rperiod
DTP S1  R=ABC R=D8 Rperiod
DTP S1  R=431 R=D8 Rperiod
DTP S1  R=AAH R=D8/RD8 Rperiod
DTP S1  R=435 R=D8/RD8 Rperiod
DTP S1  R=096 R=D8 Rperiod
HI  S1  {_HI}
{_DELIVERY}
CRC S1  R=07 R=N/Y R1-3 4:S1-3
CRC S1  R=08 R=N/Y R1-3 4:S1-3
CRC S1  R=09 R=N/Y R1-3 4:S1-3
CRC S1  R=11 R=N/Y R1-3 4:S1-3
CRC S1  R=75 R=N/Y R1-3 4:S1-3
CRC S1  R=76 R=N/Y R1-3 4:S1-3
CRC S1  R=77 R=N/Y R1-3 4:S1-3
CL1 S1  S1 S1 S1-2 S1
CR1 S1  S2 S.1-10 R=I/R/T/X S1 S=DH/DK S.1-15 2:N 2:S1-80 ; P0102 P0506
CR2 S1  2:S#1-9 2:S2-3 3:N R1 R1 2:S1-80 S1
CR5 S1  2:S1-15 R1 2:S1-80 R1-15 10:S1-80 R1 S1-80
CR6 S1  R1 Rdate S=D8/RD8 S8-35 2:S1-80 R1 R=1/2/3/4/I/N/R/S 9:S1-80 ; P0304
{_PAPERWORK}
MSG S1  R1-264"""


def _service(trace: str) -> str:
    return f"""
HL  R1  R#1-12 R#1-12 R=SS R=0
TRN S2  {trace} R1-50 R10 S1-50
UM  S1  R=HS/SC S=1/2/3/4/I/N/R/S S1-2 {_PLACE} N S=03/E/U{_REVIEWS}
DTP S1  R=472 R=D8/RD8 Rperiod
SV1 S1  R({_PROCEDURE}) S.1-18 S=F2/MJ/UN S.1-15 2:N S(R#1-2,S#1-2,S#1-2,S#1-2) 3:N S1 8:N S1 ; P0304
SV2 S1  S1-48 S({_PROCEDURE}) S.1-18 S=DA/F2/UN S.1-15 S.1-10 2:N S1 S1 ; R0102 P0405
SV3 S1  R({_DENTAL}) S.1-18 N S(R1-3,S1-3,S1-3,S1-3,S1-3) S1 R#1-15 S1-80
TOO S32 R=JP S1-30 S(R1-2,S1-2,S1-2,S1-2,S1-2)
{_DELIVERY}
{_PAPERWORK}
MSG S1  R1-264"""


def _guide(name: str, header: str, *, trace: str, certification: str) -> Guide:
    return Guide(
        name,
        table(header).first,
        {
            "20": Level(
                "2000A",
                True,
                1,
                (),
                table("HL R1 R#1-12 N R=20 R=1"),
                (
                    _party(
                        "2010A",
                        "R1",
                        f"NM1 R1 R=X3 R=1/2 {_NAME} R=24/34/46/PI/XV/XX R2-80 3:N ; NPI",
                    ),
                ),
            ),
            "21": Level(
                "2000B",
                True,
                1,
                ("20",),
                table("HL R1 R#1-12 R#1-12 R=21 R=1"),
                (
                    _party(
                        "2010B",
                        "R1",
                        f"""
NM1 R1  R=1P/FA R=1/2 {_NAME} R=24/34/46/XX R2-80 3:N ; NPI
REF S8  {_PROVIDER_IDS} R1-50 S1-80{_ADDRESS}{_CONTACT}
PRV S1  R=AD/AS/AT/CO/CV/OP/OR/OT/PC/PE/RF S=PXC Staxonomy ; P0203""",
                    ),
                ),
            ),
            "22": Level(
                "2000C",
                True,
                1,
                ("21",),
                table("HL R1 R#1-12 R#1-12 R=22 R=1"),
                (
                    _party(
                        "2010C",
                        "R1",
                        f"""
NM1 R1  R=IL R=1 {_NAME} R=II/MI R2-80 3:N
REF S9  R=1L/3L/6P/DP/EJ/F6/HJ/IG/N6/NQ/SY R1-50{_ADDRESS}{_BIRTH}
INS S1  R=Y R=18 5:N R1-2""",
                    ),
                ),
            ),
            "23": Level(
                "2000D",
                False,
                1,
                ("22",),
                table("HL R1 R#1-12 R#1-12 R=23 R=1"),
                (
                    _party(
                        "2010D",
                        "R1",
                        f"""
NM1 R1  R=QC R=1 {_NAME} 5:N
REF S3  R=EJ/SY R1-50{_ADDRESS}{_BIRTH}
INS S1  R=N R=01/19/20/21/39/40/53/G8 14:N S#1-9""",
                    ),
                ),
            ),
            "EV": Level(
                "2000E",
                True,
                1,
                ("22", "23"),
                table(_event(trace, certification)),
                (
                    _provider("2010EA", "S14", "71/72/73/77/AAJ/DD/DK/DN/FA/G3/P3/QB/QV/SJ"),
                    _party(
                        "2010EB",
                        "S5",
                        f"NM1 R1 R=45/FS/ND/PW/R3 R=1/2 S1-60{_ADDRESS}",
                    ),
                    _party(
                        "2010EC",
                        "S3",
                        f"""
NM1 R1  R=00/CA/GG R=1/2 {_NAME} S1-2 S2-80
REF S1  R=ZZ R1-50 N S(R1-3,R1-50,S1-3,S1-50,S1-3,S1-50)
DTP S1  R=598 R=D8 Rperiod""",
                    ),
                ),
            ),
            "SS": Level(
                "2000F",
                False,
                9_999,
                ("EV", "SS"),
                table(_service(trace)),
                (_provider("2010F", "S10", "1T/72/73/77/DD/DK/DQ/FA/G3/P3/QB/QV/SJ"),),
            ),
        },
    )


REQUEST = _guide("005010X217", "BHT R1 R=0007 R=13 R1-50 Rdate Rtime S=RU", trace="R=1", certification="R")
# TRN01 2 refers to a trace given before: the answer to an inquiry has it, and nothing forbids it to the inquiry.
INQUIRY = _guide("005010X215", "BHT R1 R=0007 R=28 R1-50 Rdate Rtime S2", trace="R=1/2", certification="S")


def _notice() -> Guide:
    """The levels of a notice are known: who tells comes first, and who is told second. The rest is the request's."""
    told = _guide("005010X216", "BHT R1 R=0007 R=14/22/CN R1-50 Rdate Rtime S2", trace="R=1", certification="R")
    (payer,), (requester,) = told.levels["20"].parties, told.levels["21"].parties
    levels = {
        "20": replace(told.levels["20"], parties=(replace(requester, id="2010A"),)),
        "21": replace(told.levels["21"], parties=(replace(payer, id="2010B"),)),
    }
    return replace(told, levels=told.levels | levels)


NOTICE = _notice()

SEGMENT_IDS = {name for level in REQUEST.levels.values() for name in level.table.by_id}
SEGMENT_IDS |= {name for level in REQUEST.levels.values() for party in level.parties for name in party.table.by_id}
SEGMENT_IDS |= {"AAA", "HCR", "N2", "CR4", "CR7", "CR8"}
"""Every segment id a 278 may hold, those of responses too: an id outside is unknown, one inside is misplaced."""
