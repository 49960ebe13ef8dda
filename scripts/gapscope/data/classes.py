"""Texts as class codes, levels, and truth values in whichever spelling."""

import re
import unicodedata

import numpy as np
import pandas as pd

from gapscope.data.numbers import parsed, words

TRUE = "true t yes y 1 1.0 on ja j wahr oui vrai si sí verdadero vero sim verdadeiro"
FALSE = "false f no n 0 0.0 off nein falsch non faux falso não nao"
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?(e-?\d+)?")  # as computers write it
WHOLE = r"^([-+]?\d+)\.0+$"  # pandas adds .0 to whole numbers beside missing values
TRUTH = {word: value for words, value in ((TRUE, True), (FALSE, False)) for word in words.split()}


def bare(texts: pd.Series) -> pd.Series:
    """Texts without blanks around them; a letter with an accent is one character, however the file has it."""
    texts = texts.str.strip()
    return texts if texts.str.isascii().all() else texts.str.normalize("NFC")


def levels_of(texts: pd.Series) -> pd.Series:
    """Texts as levels: whole numbers are the same with and without .0 behind them."""
    return bare(texts).str.replace(WHOLE, r"\1", regex=True)


def class_codes(texts: pd.Series, data: dict) -> tuple[pd.Series, dict[str, pd.Series]]:
    """Texts (k,) as class codes, <NA> where missing; and, by what was expected, those that are no class.

    A cell is a class as data.codes or else data.classes has it, in capitals or not where they tell no two classes
    apart, the same number as the file writes it, or a number that data.bins sorts in. Two classes that are truth
    values may have any spelling of them. Otherwise, without data.codes, and where no class is a number, a cell may also
    be its place 0, 1, 2, ... in data.classes.
    """
    text = bare(texts)
    if data["bins"]:
        return _binned(text, data)
    classes, own = data["classes"], data["codes"] or data["classes"]
    codes = {unicodedata.normalize("NFC", str(name)): code for code, name in enumerate(own)}
    expected = f"one of data.{'codes' if data['codes'] else 'classes'} ({', '.join(map(str, own))})"
    if are_truth(own):
        by_truth = {truth(name): code for code, name in enumerate(own)}
        codes = {cell: by_truth[truth(cell)] for cell in text.dropna() if truth(cell) is not None} | codes
    elif not (data["codes"] or any(re.fullmatch(r"[-+]?\d+(\.\d+)?", str(name)) for name in classes)):
        codes = {str(code): code for code in range(len(classes))} | codes
        expected += " or its place there, counted from 0"
    folded = {spelling.casefold(): code for spelling, code in codes.items()}
    if len(folded) == len(codes):
        cells = [cell for cell in text.dropna() if cell.casefold() in folded and cell not in data["missing_values"]]
        codes = {cell: folded[cell.casefold()] for cell in cells} | codes
    of_number = {float(key): code for key, code in codes.items() if NUMBER.fullmatch(key)}
    values = parsed(text, data["decimal"], data["thousands"])
    alike = {cell: of_number[value] for cell, value in zip(text, values) if value in of_number}
    codes = {cell: code for cell, code in alike.items() if cell not in data["missing_values"]} | codes
    missing = text.isin([spelling for spelling in data["missing_values"] if spelling not in codes])
    wrong = ~text.isin(list(codes)) & ~missing
    return text.map(codes).astype("Int64"), {expected: wrong}


def _binned(text: pd.Series, data: dict) -> tuple[pd.Series, dict[str, pd.Series]]:
    convention = data["decimal"], data["thousands"], data["units"].get(data["target"], "")
    numbers, missing = parsed(text, *convention), text.isin(data["missing_values"])
    codes = pd.Series(np.searchsorted(data["bins"], numbers, side="right"), index=text.index, dtype="Int64")
    wrong = ~np.isfinite(numbers) & ~missing
    return codes.mask(missing | wrong), {f"{words(*convention)}, for data.bins": wrong}


def truth(name) -> bool | None:
    """The truth value that a text or number spells, None where it spells none."""
    return TRUTH.get(str(name).strip().lower())


def are_truth(names) -> bool:
    """Whether these are two spellings, of true and of false."""
    return len(names) == 2 and {truth(name) for name in names} == {True, False}


def mixed_truth(names) -> bool:
    """Whether these are truth values in more than one spelling; letters alone may stand for anything."""
    words = any(len(name) > 1 and name.isalpha() for name in names)
    return len(names) > 2 and words and {truth(name) for name in names} == {True, False}


def truth_values(texts: pd.Series) -> tuple[pd.Series, dict[str, pd.Series]]:
    """Texts (k,) as 'True' and 'False'; and those that are neither."""
    found = texts.map(truth, na_action="ignore")
    wrong = {"a truth value (true, false, yes, no, 1, 0; data.truth)": found.isna() & texts.notna()}
    return found.map({True: "True", False: "False"}).astype("str"), wrong
