"""The only place that reads CSV: the first line names the fields, by their JSON or their SQL names; each other line is one row.

Commas, semicolons and tabs part columns, whichever the first line has. The text is UTF-8. What stands in no quotes and is empty is nothing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

from engine.data.errors import DataError
from engine.data.schema import Resource

MOST_ROWS = 100_000
_DELIMITERS = ",;\t"
_QUOTED = re.compile(r'"[^"]*"')


def rows(resource: Resource, content: bytes) -> list[dict[str, Any]]:
    """The payload of each row; `DataError` CSV_ENCODING_ERROR, or CSV_PARSING_ERROR with the line where it is broken."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError("CSV_ENCODING_ERROR", f"The file is not text in UTF-8: byte {error.start} does not belong to it.") from error
    if "\x00" in text:
        raise DataError("CSV_ENCODING_ERROR", "The file is not text: it contains null bytes.")
    read = _lines(text)
    number, first = next(read, (1, []))
    names = [_named(resource, name.strip()) for name in first]
    if not any(names) or len(set(names)) < len(names):
        raise _broken(number, "the first line must name the fields, each of them once")
    return [_payload(names, line, at) for at, line in read if line]


def line_name(number: int) -> str:
    """How the n-th row is called in a refusal."""
    return f"rows[{number}]"


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    head = _QUOTED.sub("", text.partition("\n")[0])
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    try:
        for count, line in enumerate(reader):
            if count > MOST_ROWS:
                raise _broken(reader.line_num, f"the file has more than {MOST_ROWS} rows")
            yield reader.line_num, line
    except csv.Error as error:
        raise _broken(reader.line_num, str(error)) from error


def _payload(names: list[str], line: list[str], at: int) -> dict[str, Any]:
    if len(line) != len(names):
        raise _broken(at, f"it has {len(line)} values, the first line names {len(names)} fields")
    return {name: value if value != "" else None for name, value in zip(names, line, strict=True)}


def _named(resource: Resource, name: str) -> str:
    """A header in SQL's spelling is the column's field; anything else stays, and is refused where it is no field."""
    return next((column.property for column in resource.columns.values() if column.name == name), name)


def _broken(line: int, told: str) -> DataError:
    return DataError("CSV_PARSING_ERROR", f"The CSV file cannot be read at line {line}: {told}.")
