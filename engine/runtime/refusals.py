"""A data factory's refusal in the words of the officer whose step it undid."""

from __future__ import annotations

from engine.data.errors import DataError

_CONSTRAINTS = {
    "unique": "there is already a record with the same value",
    "not null": "a value that must be given is missing",
    "foreign key": "it refers to a record that does not exist",
    "check": "a value is outside what is allowed",
}
_CODES = {
    "VALIDATION_ERROR": "some values do not fit",
    "SIGNATURE_VIOLATION": "the signature does not belong to this data",
    "NOT_FOUND": "a record that is needed does not exist",
    "FORBIDDEN_OPERATION": "you may not change this data",
}


def in_words(refused: DataError) -> str:
    """One sentence: what was refused, why, and that nothing was saved."""
    reason = _CONSTRAINTS.get((refused.details or {}).get("constraint", "")) or _CODES.get(refused.code, "the data was not accepted")
    columns = refused.facts.get("columns")
    named = f" ({', '.join(str(column).replace('_', ' ') for column in columns)})" if columns else ""
    return f"Nothing was saved: {reason}{named}. Correct it; if you cannot do so here, ask whoever looks after the process."
