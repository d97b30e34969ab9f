"""The only place that lists the Java classes that a Groovy script may name, what `new` makes of them and their static members."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from engine.errors import BpmnError
from engine.expressions import ExpressionError
from engine.expressions.exposed import Exposed, names
from engine.expressions.formats import formatted
from engine.expressions.groovy import java_time
from engine.expressions.groovy.casts import cast
from engine.expressions.groovy.errors import EXCEPTIONS, JavaException
from engine.expressions.json_text import parsed, written
from engine.expressions.limits import MAX_TEXT, whole, within
from engine.expressions.members.items import items, joined
from engine.expressions.members.numbers import ROUNDINGS
from engine.expressions.members.streams import Collectors, Optional, Stream, comparing
from engine.expressions.members.texts import decimal, whole_number
from engine.expressions.spin import S, plain
from engine.expressions.text import groovy_text, java_text
from engine.expressions.values import Distinct, order, same

PACKAGES = names(
    "java.lang java.util java.util.stream java.util.function java.time java.time.format java.time.temporal java.text java.math "
    "groovy.json groovy.transform org.camunda.spin org.camunda.spin.json org.camunda.bpm.engine.delegate org.camunda.spin.impl.json.jackson"
)
REFUSED = names(
    "System Runtime Thread Process ProcessBuilder Class ClassLoader File Files Path Paths URL URI Socket Eval GroovyShell "
    "GroovyClassLoader Binding Reader InputStream OutputStream Method Field Sql HttpURLConnection RestTemplate Random"
)
TYPES_ONLY = names(
    "Object List Map Set Collection Iterable Closure CharSequence GString SpinJsonNode JsonNode JacksonJsonNode Predicate "
    "Supplier Consumer BiFunction DelegateExecution DelegateTask SpinList Pattern Matcher Field"
)


@dataclass(frozen=True)
class JavaClass:
    """A class by its name: `make` is what `new` calls, `static` its functions and constants, `timely` those that are given the clock."""

    name: str
    make: Callable[..., Any] | None = None
    static: Mapping[str, Any] = field(default_factory=dict)
    timely: Mapping[str, Callable[..., Any]] = field(default_factory=dict)


class JsonSlurper(Exposed):
    """Reads JSON text into maps and lists."""

    exposed: ClassVar[frozenset[str]] = names("parseText parse")

    def parseText(self, text: str) -> Any:
        return parsed(text, Decimal)

    parse = parseText


class JsonBuilder(Exposed):
    """Writes a value as JSON text."""

    exposed: ClassVar[frozenset[str]] = names("toString toPrettyString content")

    def __init__(self, content: Any = None):
        self.content = content

    def toString(self) -> str:
        return to_json(self.content)

    def toPrettyString(self) -> str:
        return pretty(self.toString())


class StringBuilder(Exposed):
    """A text that grows."""

    exposed: ClassVar[frozenset[str]] = names("append leftShift toString length insert reverse isEmpty size setLength")

    def __init__(self, start: Any = ""):
        self._parts = [groovy_text(start) if isinstance(start, str) else ""]
        self._size = len(self._parts[0])

    def append(self, value: Any) -> StringBuilder:
        self._parts.append(groovy_text(value))
        self._size = within(self._size + len(self._parts[-1]), MAX_TEXT, "A text would be too long: {} characters")
        return self

    leftShift = append

    def insert(self, index: int, value: Any) -> StringBuilder:
        text = self.toString()
        return self._become(text[:index] + groovy_text(value) + text[index:])

    def reverse(self) -> StringBuilder:
        return self._become(self.toString()[::-1])

    def setLength(self, length: int) -> None:
        self._become(self.toString()[:length])

    def length(self) -> int:
        return self._size

    size = length

    def isEmpty(self) -> bool:
        return not self._size

    def toString(self) -> str:
        return "".join(self._parts)

    def _become(self, text: str) -> StringBuilder:
        self._parts, self._size = [text], within(len(text), MAX_TEXT, "A text would be too long: {} characters")
        return self


def to_json(value: Any) -> str:
    """JsonOutput.toJson: compact JSON."""
    return written(plain(value))


def pretty(text: str) -> str:
    """JsonOutput.prettyPrint: four spaces a level."""
    import json

    return json.dumps(parsed(text), indent=4, ensure_ascii=False)


def _sprintf(pattern: str, *args: Any) -> str:
    return formatted(pattern, args)


def _exception(name: str) -> JavaClass:
    return JavaClass(name, lambda *args: JavaException(name, None if not args or args[0] is None else groovy_text(args[0])))


def _new_list(start: Any = ()) -> list[Any]:
    return [] if isinstance(start, int) else items(start)


def _new_map(start: Any = None) -> dict[Any, Any]:
    return dict(start) if isinstance(start, dict) else {}


def _new_text(value: Any = "", charset: Any = "UTF-8") -> str:
    return value.decode(str(charset)) if isinstance(value, bytes) else groovy_text(value)


def _bpmn_error(code: Any, message: Any = "", *cause: Any) -> BpmnError:
    return BpmnError(groovy_text(code), groovy_text(message or ""))


def _round(value: Any) -> int:
    return whole(math.floor(value + (Decimal("0.5") if isinstance(value, Decimal) else 0.5)))


def _required(value: Any, message: str = "a value is missing (null)") -> Any:
    if value is None:
        raise ExpressionError(message)
    return value


_MATH: dict[str, Any] = {
    "PI": math.pi, "E": math.e, "abs": abs, "round": _round, "sqrt": math.sqrt, "pow": lambda a, b: float(a) ** float(b),
    "floor": lambda value: float(math.floor(value)), "ceil": lambda value: float(math.ceil(value)),
    "max": lambda a, b: a if order(a, b) >= 0 else b, "min": lambda a, b: a if order(a, b) <= 0 else b,
}  # fmt: skip
_WHOLE: dict[str, Any] = {
    "parseInt": whole_number, "parseLong": whole_number, "valueOf": lambda value: cast(value, "Integer"), "compare": order,
}  # fmt: skip
_DOUBLE: dict[str, Any] = {
    "parseDouble": lambda text: float(decimal(text)), "valueOf": lambda value: cast(value, "Double"), "compare": order,
}  # fmt: skip

_OWN: tuple[JavaClass, ...] = (
    JavaClass("String", _new_text, {
        "valueOf": java_text, "format": lambda pattern, *args: formatted(pattern, args),
        "join": lambda between, *parts: joined(parts[0] if len(parts) == 1 and isinstance(parts[0], list) else parts, between),
    }),
    JavaClass("StringBuilder", StringBuilder),
    JavaClass("StringBuffer", StringBuilder),
    JavaClass("Integer", None, {**_WHOLE, "MAX_VALUE": 2**31 - 1, "MIN_VALUE": -(2**31)}),
    JavaClass("Long", None, {**_WHOLE, "MAX_VALUE": 2**63 - 1, "MIN_VALUE": -(2**63)}),
    JavaClass("BigInteger", whole_number, {"valueOf": int, "ZERO": 0, "ONE": 1, "TEN": 10}),
    JavaClass("Double", None, _DOUBLE),
    JavaClass("Float", None, {**_DOUBLE, "parseFloat": _DOUBLE["parseDouble"]}),
    JavaClass("BigDecimal", lambda value: cast(value, "BigDecimal"), {
        "valueOf": lambda value: cast(value, "BigDecimal"), "ZERO": Decimal(0), "ONE": Decimal(1), "TEN": Decimal(10),
        **{f"ROUND_{name}": name for name in ROUNDINGS},
    }),
    JavaClass("RoundingMode", None, {name: name for name in ROUNDINGS}),
    JavaClass("Boolean", None, {
        "TRUE": True, "FALSE": False, "parseBoolean": lambda text: str(text).lower() == "true",
        "valueOf": lambda value: str(value).lower() == "true",
    }),
    JavaClass("Math", None, _MATH),
    JavaClass("Objects", None, {
        "equals": same, "isNull": lambda value: value is None, "nonNull": lambda value: value is not None,
        "toString": lambda value, other="null": other if value is None else groovy_text(value), "requireNonNull": _required,
    }),
    JavaClass("Arrays", None, {"asList": lambda *values: list(values), "stream": lambda values: Stream(tuple(values))}),
    JavaClass("Collections", None, {
        "emptyList": list, "emptyMap": dict, "singletonList": lambda value: [value], "singletonMap": lambda key, value: {key: value},
        "unmodifiableList": list, "unmodifiableMap": dict,
    }),
    JavaClass("Optional", None, {"of": Optional, "ofNullable": Optional, "empty": lambda: Optional(None)}),
    JavaClass("Comparator", None, {"comparing": comparing}),
    JavaClass("Stream", None, {"of": lambda *values: Stream(values)}),
    JavaClass("IntStream", None, {"range": lambda first, last: Stream(tuple(range(first, within(last, MAX_TEXT))))}),
    JavaClass("Collectors", None, {name: getattr(Collectors(), name) for name in Collectors.exposed}),
    JavaClass("Function", None, {"identity": lambda: lambda value: value}),
    JavaClass("UUID", None, {"randomUUID": lambda: str(uuid.uuid4()), "fromString": lambda text: str(uuid.UUID(text))}),
    JavaClass("Locale", str, {name: name for name in ("ENGLISH", "US", "ROOT", "UK", "GERMANY")}),
    JavaClass("StandardCharsets", None, {"UTF_8": "UTF-8", "US_ASCII": "ASCII", "ISO_8859_1": "ISO-8859-1"}),
    JavaClass("JsonSlurper", JsonSlurper),
    JavaClass("JsonSlurperClassic", JsonSlurper),
    JavaClass("JsonBuilder", JsonBuilder),
    JavaClass("JsonOutput", None, {"toJson": to_json, "prettyPrint": pretty}),
    JavaClass("Spin", None, {"JSON": S, "S": S}),
    JavaClass("BpmnError", _bpmn_error),
    *(JavaClass(name, _new_list) for name in ("ArrayList", "LinkedList")),
    *(JavaClass(name, _new_map) for name in ("HashMap", "LinkedHashMap", "TreeMap")),
    *(JavaClass(name, lambda start=(): Distinct(_new_list(start))) for name in ("HashSet", "LinkedHashSet", "TreeSet")),
    *map(_exception, sorted(EXCEPTIONS)),
)  # fmt: skip
_TIMES = (JavaClass(name, make, static, timely) for name, (make, static, timely) in java_time.CLASSES.items())
CLASSES: dict[str, JavaClass] = {known.name: known for known in (*_OWN, *_TIMES)}
_SILENT: dict[str, Callable[..., Any]] = dict.fromkeys(("println", "print", "printf"), lambda *shown: None)
FUNCTIONS: dict[str, Callable[..., Any]] = {"S": S, "JSON": S, **_SILENT, "sprintf": _sprintf}


def problem(name: str) -> str:
    """Why a script may not name this class; "" when it may."""
    if name in CLASSES or name in TYPES_ONLY:
        return ""
    if name in REFUSED:
        return f"The class {name} is not available: scripts reach no files, network, processes or reflection"
    return f"The class {name} is not known to scripts here"


def import_problem(path: str, static: bool) -> str:
    """Why a script may not import this; "" when it may."""
    package, _, name = path.rpartition(".")
    if static:
        package, _, name = package.rpartition(".")
    if name == "*" and package not in PACKAGES:
        return f"The package {package} is not available to scripts"
    return "" if name == "*" else problem(name) or ("" if package in PACKAGES else f"The class {path} is not available to scripts")
