"""Rows as data frames of whichever library is installed."""

import importlib
from typing import Any, Optional

# The columns of each table. A row is a dict with these keys.
_CELL = {"kind": str, "option": str, "name": str, "grade": str, "votes": int, "percent": float, "voters": int, "elected": bool}
SCHEMAS: dict[str, dict[str, type]] = {
    "results": {
        "contest": str,
        "title": str,
        **_CELL,
        "seats": int,
        "withdrawn": bool,
        "ballots": int,
        "weight": int,
    },
    "results by district": {
        "contest": str,
        "title": str,
        "district": str,
        "districts": int,
        **_CELL,
        "ballots": int,
        "weight": int,
    },
    "turnout": {"district": str, "name": str, "ballots": int, "on_roll": int, "percent": float},
    "turnout by station": {"station": str, "name": str, "district": str, "ballots": int},
    "rounds": {
        "contest": str,
        "round": int,
        "kind": str,
        "candidate": str,
        "name": str,
        "votes": float,
        "elected": bool,
        "eliminated": bool,
        "surplus": float,
    },
    "rankings": {
        "contest": str,
        "district": str,
        "row": int,
        "kind": str,
        "candidate": str,
        "rank": int,
        "votes": int,
        "invalid": str,
    },
}

# The types that can also hold nothing.
_PANDAS = {str: "string", int: "Int64", float: "Float64", bool: "boolean"}
_POLARS = {str: "String", int: "Int64", float: "Float64", bool: "Boolean"}


def _pandas(rows: list[dict[str, Any]], schema: dict[str, type]) -> Any:
    pandas = importlib.import_module("pandas")
    frame = pandas.DataFrame(rows, columns=list(schema), dtype=object)
    return frame.astype({name: _PANDAS[kind] for name, kind in schema.items()})


def _polars(rows: list[dict[str, Any]], schema: dict[str, type]) -> Any:
    polars = importlib.import_module("polars")
    return polars.DataFrame(rows, schema={name: getattr(polars, _POLARS[kind]) for name, kind in schema.items()})


_MAKERS = {"pandas": _pandas, "polars": _polars}


def frame(table: str, rows: list[dict[str, Any]], library: Optional[str]) -> Any:
    """A data frame of this library, or of the first that is installed."""
    if library is not None and library not in _MAKERS:
        raise ValueError(f"frame={library!r}: expected pandas or polars")
    for name in _MAKERS if library is None else [library]:
        try:
            return _MAKERS[name](rows, SCHEMAS[table])
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
    missing = library or "neither pandas nor polars"
    raise ImportError(f"{missing} is {'not ' if library else ''}installed; rows() has the same as a list of dicts")
