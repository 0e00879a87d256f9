"""What public sources say of the X12 guides, typed in apart from the maps, to hold the maps against.

Structure and codes only. A line for each loop: usage and repeats; under it one for each segment: usage and most, behind
``!`` what is required, behind ``s`` what is situational (where all of that is told), behind ``x`` what is not used, and
the codes of elements. A ``?`` stands where no source says.
"""

from __future__ import annotations

_REVIEWED = "01=AR,HS,IN,SC 02=1,2,3,4,I,N,R,S"
_SITE = "04-02=A,B 05-01=AA,AP,EM 05-02=AA,AP,EM 05-03=AA,AP,EM 06=03,E,U 07=1,2,3,4,5,6,7,8,9,E,F,G,P"
_UM_REST = f"{_SITE} 08=1,2,3,4,5,6,7,8 09=I,M,Y 10=1,2,3,4,7,8,10,11,15,16,17"
_ADDRESS = """
  N3 S 1 ! 01 s 02
  N4 S 1 ! 01 s 02 03 04 07 x 05 06
"""
_PER = "PER S 1 ! 01 s 02 03 04 05 06 07 08 : 01=IC 03=EM,FX,TE,UR 05=EM,EX,FX,TE,UR 07=EM,EX,FX,TE,UR"
_NAMED = "s 03 04 05 07"
_PRV = "PRV S 1 ! 01 s 02 03 : 02=PXC"
_ANY_PROVIDER = "01=AD,AS,AT,OP,OR,OT,PC,PE,RF"
_REF_PROVIDER = "REF S 8 ! 01 02 : 01=1G,1J,EI,G5,N5,N7,SY,ZH"
_REF_LICENSED = "REF S 8 ! 01 02 : 01=0B,1G,1J,EI,G5,N5,N7,SY,ZH"
_DMG = "DMG S 1 ! 01 02 s 03 : 01=D8 03=F,M,U"
_TRN = "! 01 02 03 s 04"
_DTP = "! 01 02 03 :"
_HSD = "s 01 02 03 04 05 06 07 08 : 01=DY,FL,HS,MN,VS 03=DA,MO,WK 08=A,B,C,D,E,F,G,Y"
_PWK = "PWK S 10 ! 01 02 s 05 06 07 : 02=AA,BM,EL,EM,FX,VO 05=AC"
_CARE = """
  CL1 S 1 s 01 02 03 04
  CR1 S 1 ! 03 s 01 02 04 05 06 09 10 : 03=I,R,T,X
  CR2 S 1 ! 08 09 s 01 02 03 04 10 11 12
  CR5 S 1 ! 03 06 17 s 04 05 07 08 09 10 11 12 13 14 15 16 18
  CR6 S 1 ! 01 02 07 08 s 03 04 09 10 11 12 13 14 15 16 17
"""
_ANY_DIAGNOSIS = "ABF,APR,BF,DR,PR"
_FIRST = "ABF,ABJ,ABK,APR,BF,BJ,BK,DR,PR"
_LATER = "ABF,ABJ,APR,BF,BJ,DR,PR"


def _hi(first: str, second: str, others: str) -> str:
    later = " ".join(f"{place:02d}-01={others}" for place in range(3, 13))
    return f"HI S 1 : 01-01={first} 02-01={second} {later}"


_EVENT_DATES = f"""
  DTP S 1 {_DTP} 01=439 02=D8
  DTP S 1 {_DTP} 01=484 02=D8
  DTP S 1 {_DTP} 01=ABC 02=D8
  DTP S 1 {_DTP} 01=431 02=D8
  DTP S 1 {_DTP} 01=AAH 02=D8,RD8
  DTP S 1 {_DTP} 01=435 02=D8,RD8
  DTP S 1 {_DTP} 01=096 02=D8
"""
_SERVICES = """
  SV1 S 1 ! 01 s 02 03 04 07 11 20 : 03=F2,MJ,UN
  SV2 S 1 s 01 02 03 04 05 06 09 10 : 04=DA,F2,UN
  SV3 S 1 ! 01 06 s 02 04 05 07
  TOO S 32 ! 01 s 02 03 : 01=JP
"""
_EVENT_ROLES = "71,72,73,77,AAJ,DD,DK,DN,FA,G3,P3,QB,QV,SJ"
_SERVICE_ROLES = "1T,72,73,77,DD,DK,DQ,FA,G3,P3,QB,QV,SJ"

REQUEST = f"""
HEADER R 1
  BHT R 1 ! 01 02 03 04 05 s 06 : 01=0007 02=13 06=RU
2000A R 1
  HL R 1 ! 01 03 04 x 02 : 03=20 04=1
2010A R 1
  NM1 R 1 ! 01 02 08 09 {_NAMED} : 01=X3 02=1,2 08=24,34,46,PI,XV,XX
2000B R 1
  HL R 1 ! 01 02 03 04 : 03=21 04=1
2010B R 1
  NM1 R 1 ! 01 02 08 09 {_NAMED} : 01=1P,FA 02=1,2 08=24,34,46,XX
  {_REF_PROVIDER}
  {_ADDRESS}
  {_PER}
  {_PRV} 01=AD,AS,AT,CO,CV,OP,OR,OT,PC,PE,RF
2000C R 1
  HL R 1 ! 01 02 03 04 : 03=22 04=1
2010C R 1
  NM1 R 1 ! 01 02 08 09 {_NAMED} : 01=IL 02=1 08=II,MI
  REF S 9 ! 01 02 : 01=1L,3L,6P,DP,EJ,F6,HJ,IG,N6,NQ,SY
  {_ADDRESS}
  {_DMG}
  INS S 1 ! 01 02 08 : 01=Y 02=18
2000D S 1
  HL R 1 ! 01 02 03 04 : 03=23 04=1
2010D R 1
  NM1 R 1 ! 01 02 {_NAMED} x 08 09 : 01=QC 02=1
  REF S 3 ! 01 02 : 01=EJ,SY
  {_ADDRESS}
  {_DMG}
  INS S 1 ! 01 02 s 17 : 01=N 02=01,19,20,21,39,40,53,G8
2000E R 1
  HL R 1 ! 01 02 03 04 : 03=EV 04=0,1
  TRN S 2 {_TRN} : 01=1
  UM R 1 ! 01 02 s 03 04 05 06 07 08 09 10 : {_REVIEWED} {_UM_REST}
  REF S 1 ! 01 02 : 01=BB
  REF S 1 ! 01 02 : 01=NT
  {_EVENT_DATES}
  {_hi(_FIRST, _LATER, _ANY_DIAGNOSIS)}
  HSD S 1 {_HSD} 05=21,26,27,34,35,6,7
  CRC S 1 ! 01 02 03 s 04 05 06 07 : 01=07 02=N,Y
  CRC S 1 ! 01 02 03 s 04 05 06 07 : 01=08 02=N,Y
  CRC S 1 ! 01 02 03 s 04 05 06 07 : 01=09 02=N,Y
  CRC S 1 ! 01 02 03 s 04 05 06 07 : 01=11 02=N,Y
  CRC S 1 ! 01 02 03 s 04 05 06 07 : 01=75 02=N,Y
  CRC S 1 ! 01 02 03 s 04 05 06 07 : 01=76 02=N,Y
  CRC S 1 ! 01 02 03 s 04 05 06 07 : 01=77 02=N,Y
  {_CARE}
  {_PWK}
  MSG S 1 ! 01
2010EA S 14
  NM1 R 1 ! 01 02 : 01={_EVENT_ROLES} 02=1,2 08=24,34,46,XX
  {_REF_LICENSED}
  {_ADDRESS}
  {_PER}
  {_PRV} {_ANY_PROVIDER}
2010EB S 5
  NM1 R 1 ! 01 02 s 03 : 01=45,FS,ND,PW,R3 02=1,2
  {_ADDRESS}
2010EC S 3
  NM1 R 1 ! 01 02 : 01=00,CA,GG
  REF ? ? ! 01 02 : 01=ZZ
  DTP ? ? {_DTP} 01=598
2000F S >1
  HL R 1 ! 01 02 03 04 : 03=SS 04=0
  TRN S 2 {_TRN} : 01=1
  UM S 1 ! 01 : 01=HS,SC 02=1,2,3,4,I,N,R,S {_UM_REST}
  REF S 1 ! 01 02 : 01=BB
  REF S 1 ! 01 02 : 01=NT
  DTP S 1 {_DTP} 01=472 02=D8,RD8
  {_SERVICES}
  HSD S 1 {_HSD} 05=21,26,27,34,35,6,7
  {_PWK}
  MSG S 1 ! 01
2010F S 10
  NM1 R 1 ! 01 02 : 01={_SERVICE_ROLES} 02=1,2 08=24,34,46,XX
  {_REF_LICENSED}
  {_ADDRESS}
  {_PER}
  {_PRV} {_ANY_PROVIDER}
"""

_REFUSAL = "AAA S 9 ! 01 x 02 :"
_AT_PROVIDERS = "03=15,33,35,41,43,44,45,46,47,49,51,52,79,97,IP"
_INFORMATION = "01=1P,2B,ABG,FA,PR,X3"
_GRANT_DATES = f"""
  DTP S 1 {_DTP} 01=102 02=D8
  DTP S 1 {_DTP} 01=036 02=D8
  DTP S 1 {_DTP} 01=007
"""

RESPONSE = f"""
HEADER R 1
  BHT R 1 ! 01 02 03 04 05 s 06 : 01=0007 02=11 06=18,19,AT,RU
2000A R 1
  HL R 1 ! 01 03 04 x 02 : 03=20
  {_REFUSAL} 03=04,41,42,79 04=C,N,P,Y
2010A ? 1
  NM1 R 1 ! 01 02 08 09 {_NAMED} : 01=X3 02=1,2 08=24,34,46,PI,XV,XX
  {_PER}
  {_REFUSAL} 03=41,42,79,80,T4 04=N,P,Y
2000B ? 1
  HL R 1 ! 01 02 03 04 : 03=21
2010B ? 2
  NM1 R 1 ! 01 02 08 09 {_NAMED} : 01=1P,FA 02=1,2 08=24,34,46,XX
  {_REF_PROVIDER}
  {_ADDRESS}
  {_PER}
  {_REFUSAL} 03=15,35,41,43,44,45,46,47,49,51,79,97 04=C,N,R
  {_PRV} 01=AD,AS,AT,CO,CV,OP,OR,OT,PC,PE,RF
2000C ? 1
  HL R 1 ! 01 02 03 04 : 03=22
2010C ? 1
  NM1 R 1 ! 01 02 08 09 {_NAMED} : 01=IL 02=1 08=II,MI
  REF S 9 ! 01 02 : 01=1L,3L,6P,DP,EJ,F6,HJ,IG,N6,NQ,SY
  {_ADDRESS}
  {_REFUSAL} 03=58,64,65,66,67,68,71,72,73,74,75,76,77,78,79,95 04=C,N
  {_DMG}
  INS S 1 ! 01 02 08 : 01=Y 02=18
2000D S 1
  HL R 1 ! 01 02 03 04 : 03=23
2010D ? 1
  NM1 R 1 ! 01 02 : 01=QC 02=1
  REF S 3 ! 01 02 : 01=EJ,SY
  {_ADDRESS}
  {_REFUSAL} 03=15,33,58,64,65,66,67,68,71,77,95
  {_DMG}
  INS S 1 ! 01 02 s 17 : 01=N 02=01,19,20,21,39,40,53,G8
2000E ? 1
  HL R 1 ! 01 02 03 04 : 03=EV
  TRN S 3 {_TRN} : 01=1,2
  {_REFUSAL} 03=15,33,52,56,57,60,61,62,AA,AF,AH,AI,AJ,AK,AM,AN,T5
  UM R 1 : {_REVIEWED} {_UM_REST}
  HCR S 1 ! 01 s 02 03 04 : 01=A1,A2,A3,A4,A6,C,CT,NA
  REF S 1 ! 01 02 : 01=NT
  REF S 1 ! 01 02 : 01=BB
  {_EVENT_DATES}
  {_GRANT_DATES}
  {_hi(_FIRST + ",LOI", _LATER + ",LOI", _ANY_DIAGNOSIS + ",LOI")}
  HSD S 1 {_HSD} 05=21,26,27,29,34,35,6,7
  {_CARE}
  {_PWK}
  MSG S 1 ! 01
2010EA S 14
  NM1 R 1 ! 01 02 : 01={_EVENT_ROLES} 02=1,2 08=24,34,46,XX
  {_REF_LICENSED}
  {_ADDRESS}
  {_PER}
  {_REFUSAL} {_AT_PROVIDERS}
  {_PRV} {_ANY_PROVIDER}
2010EB S ?
  NM1 R 1 ! 01 02 : {_INFORMATION} 02=1,2
  {_ADDRESS}
  PER ? ?
2010EC S 5
  NM1 R 1 ! 01 02 s 03 : 01=45,FS,ND,PW,R3 02=1,2
  {_ADDRESS}
  {_REFUSAL} 03=15,33,47,97
2000F S >1
  HL R 1 ! 01 02 03 04 : 03=SS
  TRN S 3 {_TRN} : 01=1,2
  {_REFUSAL} 03=15,33,52,57,60,61,62,AA,AG,T5
  UM S 1 : 01=HS,SC 02=1,2,3,4,I,N,R,S {_UM_REST}
  HCR S 1 ! 01 s 02 03 04 : 01=A1,A3,A4,A6,C,CT,NA
  REF S 1 ! 01 02 : 01=NT
  REF S 1 ! 01 02 : 01=BB
  DTP S 1 {_DTP} 01=472 02=D8,RD8
  {_GRANT_DATES}
  {_hi("LOI", "LOI", "LOI")}
  {_SERVICES}
  HSD S 1 {_HSD} 05=21,26,27,29,34,35,6,7
  {_PWK}
  MSG S 1 ! 01
2010FA S 10
  NM1 R 1 ! 01 02 : 01={_SERVICE_ROLES} 02=1,2 08=24,34,46,XX
  {_REF_LICENSED}
  {_ADDRESS}
  {_PER}
  {_REFUSAL} {_AT_PROVIDERS}
  {_PRV} {_ANY_PROVIDER}
2010FB S ?
  NM1 R 1 ! 01 02 : {_INFORMATION} 02=1,2
  {_ADDRESS}
  PER ? ?
"""

DOCUMENTS = """
HEADER ? ?
  BGN R 1 : 01=02,11
1000A ? ?
  NM1 ? ?
  PER ? ?
  REF ? ?
1000B ? ?
  NM1 ? ?
  PER ? ?
  REF ? ?
1000C ? ?
  NM1 ? ?
  REF ? ?
2000A ? >1
  LX ? ?
  TRN ? ? : 01=1,2
  STC ? ?
  REF ? ?
  HI ? ? : 01-01=LOI
  SVC ? ?
2100A ? ?
  DTP ? ? : 01=368
  CAT ? ?
2110A ? ?
  OOI ? ?
  BDS ? ? ! 01 02 03 : 01=ASC,B64
"""

_IK502 = "1,2,3,4,5,6,7,8,9,10,11,12,13,15,16,17,18,19,23,24,25,26,27,I5,I6"
_AK905 = "1,2,3,4,5,6,10,11,12,13,14,15,16,17,18,19,23,24,25,26"
CODES = {
    ("999_005010X231A1", "IK304"): "1,2,3,4,5,6,7,8,I4,I6,I7,I8,I9",
    ("999_005010X231A1", "IK403"): "1,2,3,4,5,6,7,8,9,10,12,13,I6,I9,I10,I11,I12,I13",
    ("999_005010X231A1", "IK501"): "A,E,M,R,W,X",
    **{("999_005010X231A1", f"IK5{place:02d}"): _IK502 for place in range(2, 7)},
    ("999_005010X231A1", "AK901"): "A,E,M,P,R,W,X",
    **{("999_005010X231A1", f"AK9{place:02d}"): _AK905 for place in range(5, 10)},
    ("x12.control.00501", "TA104"): "A,E,R",
    ("x12.control.00501", "TA105"): ",".join(f"{code:03d}" for code in range(32)),
    ("278_request_005010X217", "ST01"): "278",
    ("278_request_005010X217", "ST03"): "005010X217",
    ("278_response_005010X217", "ST03"): "005010X217",
    ("278_inquiry_005010X215", "BHT02"): "28",
}
"""The codes of elements that stand in one place of a map."""
LENGTHS = {
    "329": (4, 9), "127": (1, 50), "509": (10, 10), "166": (1, 55), "19": (2, 30), "116": (3, 15), "67": (2, 80),
    "1271": (1, 30), "933": (1, 264), "306": (1, 2),
}  # fmt: skip
"""Shortest and longest of data elements."""
