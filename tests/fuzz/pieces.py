"""What is put into documents: values, segments and delimiters that mean something somewhere, or nothing anywhere."""

from __future__ import annotations

VALUES = (
    b"", b" ", b"0", b"1", b"-1", b"00", b"9" * 40, b"1e9", b"NaN", b"A1", b"A2", b"A3", b"A4", b"A6", b"C", b"CT",
    b"20", b"21", b"22", b"23", b"EV", b"SS", b"HS", b"11", b"13", b"18", b"D8", b"RD8", b"20260301", b"20260230",
    b"20260301-20260401", b"x-y", b"HC:J9271", b"HC:J9271:::::::::::", b"N4:", b"LOI:1-8", b"UN", b"XX", b"1234567893",
    b"278", b"999", b"275", b"824", b"005010X217", b"005010X215", b"006020X316", b"004010X094A1", b"00501", b"00401",
    b"A" * 300, b"\xc3\xa9", b"\xff\xfe", b"\x00", b"\x1b[2J", b"\xef\xbb\xbf", "😀".encode(), b"^^^^", b":::", b"***",
)  # fmt: skip
SEGMENTS = (
    b"HL*9*4*SS*0", b"HL*1*1*20*1", b"HL**", b"HCR*A1*X", b"HCR**", b"HCR*A3**0F^0G", b"AAA*N**42*C", b"AAA*N", b"NM1",
    b"DTP*007*RD8*x-y", b"TRN*2*X*Y", b"ST*278*0001*005010X217", b"SE*1*01", b"GS*HI*A*B*20260301*1004*1*X*005010X217",
    b"GE*1*1", b"IEA*1*000000001", b"TA1*000000017*260301*1004*R*006", b"AK1*HI*17*005010X217", b"AK2*278*0001",
    b"IK3*HI*17*2000E*8", b"IK4*2:2*1271*7", b"IK5*R*5", b"AK9*R*1*1*0", b"BIN*5*abcde", b"BIN*999999999*x", b"BIN*-1*",
    b"BDS*B64*4*QUJD", b"BDS*B64**", b"LX*1", b"CAT*AE*TX", b"OTI*TR*TN*NA", b"TED*024", b"MSG*" + b"A" * 264, b"ISA",
    b"ISA*00", b"B", b"zz*1", b"", b" ", b"PWK*OZ*EL***AC*X",
)  # fmt: skip
MARKS = b"*~:^|!;<>{}[]\\/+,.'\"#$%&()=?@_`-\n\r\x1c\x1d\x1e\x1f \x00A0\x80\xff"
