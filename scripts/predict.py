"""Predict classes with a saved model: python scripts/predict.py results/models/relu.npz new.csv -o predictions.csv"""

import argparse
import sys
from pathlib import Path

from gapscope.common.errors import UserError
from gapscope.evaluation.prediction import classify, load


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="results/models/<activation>.npz, or <name>.json for a model of your own")
    parser.add_argument("table", help="CSV with the columns that the model was trained on; others are left alone")
    parser.add_argument("-o", "--output", required=True, help="CSV to write: row, p_<class>, predicted")
    parser.add_argument("--trust", action="store_true", help="run the code of a model of your own (docs/security.md)")
    given = parser.parse_args(arguments)
    try:
        if Path(given.output).resolve() in (Path(given.model).resolve(), Path(given.table).resolve()):
            raise UserError(f"{given.output}: this is an input; name another file to write to.")
        model = load(given.model, given.trust)
        remarks = classify(model, given.table, given.output)
    except UserError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(f"error: {given.output}: cannot be written ({error.strerror}).")
    for remark in remarks:
        print(f"note: {remark}", file=sys.stderr)


if __name__ == "__main__":
    main()
