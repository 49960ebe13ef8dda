"""Kinds of columns of a new table, told by their texts alone."""

import numpy as np
import pandas as pd
import pytest

from gapscope.config.defaults import shipped
from gapscope.data.read import is_missing
from gapscope.data.setup.conventions import Convention
from gapscope.data.setup.kinds import kind_of

USUAL = shipped()["data"]["missing_values"]
PLAIN = Convention("point", "none", {}, (), {"doubtful": "12.345"})


def kind(values, name="a"):
    cells = pd.Series(values, dtype="str")
    return kind_of(name, cells.mask(is_missing(cells, USUAL)), PLAIN, 50, len(values))


ROWS = range(40)
KINDS = {  # values, name, role, words
    "numbers": ([f"{row / 7:.3f}" for row in ROWS], "a", "numeric", "40 values from 0 to 5.571"),
    "numbers with gaps": (["1", "", "2.5", "?"] * 10, "a", "numeric", "2 values"),
    "integers": ([str(row * 3 % 31) for row in ROWS], "a", "numeric", "31 values from 0 to 30"),
    "few integers": (["1", "2", "3", "2"] * 10, "a", "numeric", "if these are codes"),
    "0 and 1": (["0", "1"] * 20, "a", "numeric", "2 values from 0 to 1"),
    "an infinite value": ([*map(str, ROWS), "inf", "-inf"], "a", "out", "the rows are numbered"),
    "infinite values": ([str(row / 3) for row in ROWS] + ["inf"], "a", "numeric", "inf in 1"),
    "words among numbers": ([str(row / 3) for row in ROWS] + ["unknown"] * 3, "a", "numeric", "unknown in 3"),
    "too many words": ([str(row / 3) for row in ROWS] + ["<5"] * 10, "a", "out", "different texts"),
    "many words": ([str(row / 3) for row in ROWS] + ["."] * 30, "a", "numeric", "no number in 30 rows (. in 30)"),
    "truth in two spellings": (["True", "true", "False", "0"] * 10, "a", "categorical", "spelt 0, False, True, true"),
    "letters that may be truth": (["t", "f", "n"] * 10, "a", "categorical", "3 levels"),
    "dates of two forms": (["2024-01-02", "13.02.2024"] * 10, "a", "out", "dates in more than one form"),
    "a number with an inch sign": ([f'{row * 3 % 31}"' for row in ROWS], "a", "out", "otherwise than the others"),
    "numbered rows": ([str(row + 17) for row in np.random.default_rng(0).permutation(40)], "a", "out", "numbered"),
    "an id": ([str(row * 1000 + row**2) for row in ROWS], "customerId", "out", "an identifier"),
    "an index that pandas wrote": ([str(row) for row in ROWS], "", "out", "an identifier"),
    "not an id": ([str(row * 1000 + row**2) for row in ROWS], "humid", "numeric", "40 values"),
    "an id of groups": ([str(row % 30) for row in range(240)], "patient_id", "out", "name it as data.group"),
    "a name of groups": ([f"p{row % 30}" for row in range(240)], "Patient ID", "out", "name it as data.group"),
    "an id with few values": (["1", "2"] * 20, "shop_id", "categorical", "codes, by its name"),
    "a type": (["1", "2", "3", "9"] * 10, "vehicleType", "categorical", "codes, by its name"),
    "leading zeros": (["00501", "02134", "96764"] * 14, "a", "categorical", "some begin with 0, such as 00501"),
    "many with leading zeros": ([f"{row % 30:05d}" for row in range(240)], "a", "categorical", "begin with 0"),
    "many ZIP codes": ([str(10001 + row % 30 * 211) for row in range(240)], "zip_code", "categorical", "by its name"),
    "an index in Parquet": ([str(row * row) for row in ROWS], "__index_level_0__", "out", "an identifier"),
    "short years": (["13.01.55", "02.01.40"] * 20, "a", "numeric", "two digits of a year up to 69 count as 20.."),
    "an open range": (["65–", "18–64", "0–17"] * 10, "a", "categorical", "3 levels"),
    "decimals below one": (["0.5", "0", "0.25", "1"] * 10, "a", "numeric", "4 values"),
    "account numbers": ([str(10**18 + row * 7) for row in ROWS], "a", "out", "cannot be told apart"),
    "long codes": ([str(2**60 + row % 3) for row in ROWS], "a", "categorical", "cannot be told apart"),
    "thousands or not": (["12.345", "980", "2.370", "7"] * 10, "doubtful", "out", "'12.345' may be thousands"),
    "levels": (["u", "v", "u", "w"] * 10, "a", "categorical", "3 levels: u, v, w"),
    "truth values": (["True", "False"] * 20, "a", "categorical", "2 levels: False, True"),
    "many levels": ([f"level {row % 60}" for row in range(240)], "a", "categorical", "the 49 commonest"),
    "texts": ([f"row {row}" for row in ROWS], "a", "out", "40 different texts in 40 rows, such as row 0"),
    "nearly different texts": ([f"row {row % 30}" for row in ROWS], "a", "out", "free text or an identifier"),
    "sentences": ([f"this is {row % 25} of my long remarks" for row in range(100)], "a", "out", "free text: 7 words"),
    "dates": (["2024-01-02", "2024-01-03"] * 20, "a", "numeric", "dates with the year first, as 2024-01-02"),
    "dates with the day first": (["13.01.2024", "02.01.2024 12:30"] * 20, "a", "numeric", "day first"),
    "dates with the month first": (["1/13/24", "1/2/24 9:00 PM"] * 20, "a", "numeric", "month first"),
    "a day or a month": (["1/2/2024", "3/4/2024"] * 20, "a", "out", "day or month first"),
    "times of day": (["12:30", "9:05 PM"] * 20, "a", "out", "dates or times"),
    "dates of 14 digits": (["20240131235959", "20231130000000"] * 20, "a", "numeric", "dates with the year first"),
    "months": (["2024-01", "2023-11"] * 20, "a", "numeric", "dates with the year first, as 2024-01"),
    "seconds": (["1700000000", "1600000000"] * 20, "created_at", "numeric", "dates in seconds since 1970"),
    "milliseconds": ([f"17000000{row:05d}" for row in ROWS], "timestamp", "numeric", "dates in seconds since 1970"),
    "dates and words": (["2024-01-02", *(f"2023-04-{row + 1:02d}" for row in range(30)), "0000-00-00"], "a", "numeric",
                        "no date in 1 row (0000-00-00 in 1)"),
    "long numbers": ([str(978_123_000_000 + row * 7919) for row in ROWS], "a", "out", "40 numbers of 12 digits"),
    "codes with an E": (["1E5", "2E3", "12"] * 20, "a", "categorical", "codes, since programs write 1E5"),
    "powers of ten": (["1e+05", "2e+03", "12"] * 20, "a", "numeric", "3 values"),
    "numbers and limits": ([f"{row}.5" for row in range(30)] + [f"<{row}" for row in range(9)] + ["9.5"] * 41, "a",
                           "categorical", "numbers in 71 of 80 rows, texts in the others, such as <0"),
    "another convention": ([f"{row},5 €" for row in ROWS], "a", "out", "otherwise than the others of this file"),
    "constant": (["5", "5", ""] * 10, "a", "out", "constant: its only value is 5"),
    "nothing": (["", "NA"] * 10, "a", "out", "no value at all"),
    "mostly missing": (["1", "2", "", "", ""] * 10, "a", "out", "missing in 30 of 50"),
}  # fmt: skip


@pytest.mark.parametrize("case", KINDS)
def test_kinds(case):
    values, name, role, words = KINDS[case]
    found = kind(values, name)
    assert (found.role, words in found.why) == (role, True), found


def test_stray_spellings_are_missing_ones():
    assert kind([str(row / 3) for row in ROWS] + ["unknown", "inf", "-"]).stray == ("-", "inf", "unknown")
