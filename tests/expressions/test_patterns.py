"""Patterns mean what they mean in their language, and none runs for ever, whatever the pattern and the text."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.expressions import ExpressionError
from engine.expressions.patterns import JAVA, JAVASCRIPT, MAX_TEXT, XPATH, BrokenPattern, Flavour, TooSlow, compiled

# pattern, text, whether it is found; answers of node 20
IN_JAVASCRIPT = [
    ("", "", True),
    ("^$", "\n", False),
    ("a$", "a\n", False),
    ("a|", "b", True),
    ("^(?:ab|cd){2}$", "abcd", True),
    ("^a{2,}$", "a", False),
    ("^a{,2}$", "a{,2}", True),
    ("^a{1,2}?$", "aa", True),
    ("x{", "x{", True),
    ("a{e<=1}", "b", False),
    ("]", "]", True),
    ("[]", "a", False),
    ("^[^]$", "\n", True),
    ("^.$", "\u2028", False),
    ("[a-]", "-", True),
    ("[[]", "[", True),
    ("[a&&b]", "&", True),
    ("[--/]", ".", True),
    (r"^[\w-.]+$", "a-.", True),
    (r"^[\]\\]+$", "]\\", True),
    (r"[\b]", "\b", True),
    (r"\/", "/", True),
    (r"\bcat\b", "a cat.", True),
    (r"\bé", " é", False),
    (r"\Bcat", "a cat", False),
    (r"^\x41\u0042\cJ$", "AB\n", True),
    (r"^\p{L}$", "p{L}", True),
    (r"\s", "\u00a0", True),
    (r"[^\S]", "\ufeff", True),
    (r"\w", "é", False),
    (r"\d", "٣", False),
    (r"^(?=.*\d)(?=.*[A-Z]).{6,}$", "secre7T", True),
    (r"^(?=.*\d)(?=.*[A-Z]).{6,}$", "secret7", False),
    ("^(?!admin)[a-z]+$", "admins", False),
    ("(?<=a)b", "ab", True),
    ("(?<!a)b", "ab", False),
    ("^(?<year>[0-9]{4})$", "2026", True),
    (r"^(?<a>x)\k<a>$", "xx", True),
    (r"^(a)?\1b$", "b", True),
    (r"^(['\"]).*\1$", "'a\"", False),
    ("^(a*)*$", "aaaa", True),
    (r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$", "DE0001234563", True),
    (r"^([\w-]+\.)+[a-z]{2,}$", "www.example.org", True),
    (r"^[А-ЯІЇЄҐ][а-яіїєґ'’-]+$", "Ґалаґан", True),
]
# answers of Java 17
IN_JAVA = [
    ("a$", "a\r\n", True),
    ("^.$", "\u0085", False),
    ("(?s)^.$", "\n", True),
    ("(?s)(?i)^A.$", "a\n", True),
    ("(?m)^b$", "a\nb\nc", True),
    ("a(?i)b", "aB", True),
    ("(?i:a)b", "AB", False),
    ("(?i)ss", "ß", False),
    (r"^\w$", "ж", False),
    (r"^\p{L}\P{L}\pL$", "ж1ж", True),
    (r"^\p{Alpha}$", "ж", False),
    (r"^\p{IsAlphabetic}\p{IsCyrillic}\p{InCyrillic}\p{IsLetter}$", "жжжж", True),
    (r"^[\p{Lu}\d]+$", "Ж1", True),
    (r"^[\P{L}a]+$", "1a", True),
    ("^[a-z&&[^aeiou]]$", "e", False),
    ("^[a-c[x-z]]$", "y", True),
    ("^[^a[0-9]]$", "5", False),
    ("^[]a]$", "]", True),
    ("}", "}", True),
    (r"^\Qa.b*\E+$", "a.b**", True),
    (r"^a++a$", "aaa", False),
    (r"(?>a+)a", "aaa", False),
    (r"^\h\R\v$", "\u00a0\r\n\n", True),
    (r"^\x{41}\cJ\e$", "A\n\x1b", True),
    (r"a\Z", "a\n", True),
    (r"a\z", "a\n", False),
    (r"(?<n>a)\k<n>", "aa", True),
]
IN_XPATH = [
    ("", "[a-z-[aeiou]]", "e", False),
    ("", "^[^a-z-[0-9]]$", "5", False),
    ("i", "[A-Z-[OI]]", "o", False),
    ("i", "^k$", "\u212a", True),
    ("", "^a.b$", "a\rb", False),
    ("s", "^a.b$", "a\nb", True),
    ("m", "^b$", "a\nb", True),
    ("x", r"he ll o[ ]\p{ IsBasicLatin }orld", "hello world", True),
    ("q", "a.b", "a.b", True),
    ("q", "a.b", "axb", False),
    ("qi", "(A", "(a", True),
    ("", "^a$", "a\n", False),
    ("", r"^\i\c*$", "a-1", True),
    ("", r"^\i\c*$", "1a", False),
    ("", r"^\I\C$", "1 ", True),
    ("", r"^\w\d$", "ж٣", True),
    ("", "(?i)ж", "Ж", True),
    ("", r"\p{IsLatin-1Supplement}", "é", True),
]


def fits(pattern: str, text: str, flavour: Flavour, flags: str = "") -> bool:
    return compiled(pattern, flavour, flags).search(text) is not None


@pytest.mark.parametrize(("pattern", "text", "found"), IN_JAVASCRIPT)
def test_javascript(pattern: str, text: str, found: bool) -> None:
    assert fits(pattern, text, JAVASCRIPT) is found


@pytest.mark.parametrize(("pattern", "text", "found"), IN_JAVA)
def test_java(pattern: str, text: str, found: bool) -> None:
    assert fits(pattern, text, JAVA) is found


@pytest.mark.parametrize(("flags", "pattern", "text", "found"), IN_XPATH)
def test_xpath(flags: str, pattern: str, text: str, found: bool) -> None:
    assert fits(pattern, text, XPATH, flags) is found


# flavour, pattern, the character that is blamed, a piece of the message
BROKEN = [
    (JAVASCRIPT, "*", 1, "nothing to repeat"),
    (JAVASCRIPT, "a**", 3, "nothing to repeat"),
    (JAVASCRIPT, "^*", 2, "nothing to repeat"),
    (JAVASCRIPT, "a++", 3, "nothing to repeat"),
    (JAVASCRIPT, "ab(", 3, "no ) after it"),
    (JAVASCRIPT, "ab)", 3, "no ( before it"),
    (JAVASCRIPT, "x[b-a]", 5, "wrong order"),
    (JAVASCRIPT, "[a--b]", 4, "wrong order"),
    (JAVASCRIPT, "[", 1, "the [ ] ends too early"),
    (JAVASCRIPT, "\\", 1, "the \\ ends too early"),
    (JAVASCRIPT, "a{2,1}", 6, "wrong order"),
    (JAVASCRIPT, "a{999999}", 9, "too large"),
    (JAVASCRIPT, "(?<n", 1, "kind of group"),
    (JAVASCRIPT, "(?i)a", 1, "kind of group"),
    (JAVASCRIPT, "(?>a)", 1, "kind of group"),
    (JAVASCRIPT, r"a\3", 2, "group reference"),
    (JAVASCRIPT, "(?P<n>a)(?R)", 1, "kind of group"),
    (JAVASCRIPT, "x" * 2001, 2001, "longer than"),
    (JAVASCRIPT, "((((a{99}){99}){99}){99})", 14, "repeats too much"),
    (JAVASCRIPT, "(" * 500, 50, "nested too deep"),
    (JAVA, "[a" * 500, 100, "nested too deep"),
    (JAVA, "a{", 2, "write \\{"),
    (JAVA, r"a\q", 3, "means nothing"),
    (JAVA, r"\p{Nonsense}", 12, "names no kind"),
    (JAVA, "(?x) a", 1, "no flag 'x'"),
    (JAVA, "(?|a)", 1, "kind of group"),
    (JAVA, "(*FAIL)", 2, "nothing to repeat"),
    (XPATH, r"(a)[\1]", 6, "means nothing"),
    (XPATH, r"\p{ IsBasicLatin}", 2, "means nothing"),
]


@pytest.mark.parametrize(("flavour", "pattern", "position", "reason"), BROKEN)
def test_a_broken_pattern_is_told_with_its_place(flavour: Flavour, pattern: str, position: int, reason: str) -> None:
    with pytest.raises(BrokenPattern) as raised:
        compiled(pattern, flavour)
    assert raised.value.position == position and reason in raised.value.reason
    placed = raised.value.placed("script", 3, 4)
    assert (placed.position, placed.line) == (position, 3)


@pytest.mark.parametrize("flag", ["X", " ", "p"])
def test_unknown_flags_are_refused(flag: str) -> None:
    with pytest.raises(BrokenPattern, match="no flag"):
        compiled("a", XPATH, flag)


# pattern, text, replacement, result
REPLACED = [
    ("(ab)|(a)", "abcd", "[1=$1][2=$2]", "[1=ab][2=]cd"),
    ("a(.)", "abracadabra", "a$1$1", "abbraccaddabbra"),
    ("[iouy]", "facetiously", "[$0]", "facet[i][o][u]sl[y]"),
    ("(?<y>[0-9]+)-(?<m>[0-9]+)", "2026-07", "${m}/${y}", "07/2026"),
    ("(a)", "a", r"\$1$12", "$1a2"),
    ("x*", "abc", "-", "-a-b-c-"),
    ("A*", "AAAA", "b", "bb"),
]


@pytest.mark.parametrize(("pattern", "text", "replacement", "result"), REPLACED)
def test_replacements(pattern: str, text: str, replacement: str, result: str) -> None:
    assert compiled(pattern, JAVA).replace(text, replacement) == result


def test_replacements_of_the_first_by_a_function_and_by_groups_that_are_not_there() -> None:
    assert compiled("a", JAVA).replace("aaa", "b", 1) == "baa"
    assert compiled("[a-z]", JAVA).replace("a1b", lambda found: found[0].upper()) == "A1B"
    assert compiled("a", XPATH).replace("a", "<$1$23>") == "<3>"
    for replacement in ("$1", "${n}"):
        with pytest.raises(ExpressionError, match="no group"):
            compiled("a", JAVA).replace("a", replacement)


# pattern, text, limit, parts as Java splits
PARTS = [
    (",", "a,b,,", 0, ["a", "b"]),
    (",", "a,b,,", -1, ["a", "b", "", ""]),
    (",", "a,b,c", 2, ["a", "b,c"]),
    (",", ",a", 0, ["", "a"]),
    (",", "", 0, [""]),
    (",", ",", 0, [""]),
    ("", "abc", 0, ["a", "b", "c"]),
    ("", "abc", -1, ["a", "b", "c", ""]),
    ("(?=[A-Z])", "oneTwo", 0, ["one", "Two"]),
    (r"\s*;\s*", "a ; b;c", 0, ["a", "b", "c"]),
]


@pytest.mark.parametrize(("pattern", "text", "limit", "parts"), PARTS)
def test_split(pattern: str, text: str, limit: int, parts: list[str]) -> None:
    assert compiled(pattern, JAVA).split(text, limit) == parts


RUNAWAYS = [
    ("^(a+)+$", "a" * 5000 + "b"),
    ("^(a|a)*$", "a" * 5000 + "b"),
    ("(a|aa)+$", "a" * 5000 + "b"),
    (r"(\w+\s?)*$", "hello world " * 400 + "!"),
    ("(x+x+)+y", "x" * 2000 + "y!"),
    ("^(?=(a+)+$)", "a" * 5000 + "b"),
    ("(a{1,30}){1,30}$", "a" * 1000 + "b"),
    (r"(a+)+\1$", "a" * 5000 + "b"),
    ("a?" * 30 + "a" * 30 + "$", "a" * 31 + "b"),
    ("^(.*)*$x", "a" * 2000),
    ("[a-z]+^", "a" * 900_000),
]


@pytest.mark.parametrize(("pattern", "text"), RUNAWAYS)
@pytest.mark.parametrize("flavour", [JAVASCRIPT, JAVA, XPATH], ids=["javascript", "java", "xpath"])
def test_no_pattern_runs_for_ever(pattern: str, text: str, flavour: Flavour) -> None:
    started = time.perf_counter()
    try:
        fits(pattern, text, flavour)
    except TooSlow as slow:
        assert "takes too long" in slow.reason
    assert time.perf_counter() - started < 3


def test_runaways_in_threads_do_not_wait_for_each_other() -> None:
    def run(number: int) -> str:
        try:
            return str(fits("(a+)+$", "a" * 5000 + "b", JAVA))
        except TooSlow as slow:
            return slow.reason

    with ThreadPoolExecutor(4) as pool:
        assert all("takes too long" in said for said in pool.map(run, range(4)))


def test_texts_and_results_are_bounded() -> None:
    with pytest.raises(TooSlow, match="takes at most"):
        fits("a", "b" * (MAX_TEXT + 1), JAVA)
    with pytest.raises(TooSlow, match="takes at most"):
        fits("(((((((((a)*)*)*)*)*)*)*)*)*", "b" * 300_000, JAVA)
    with pytest.raises(TooSlow, match="places"):
        compiled("a", JAVA).all("a" * 200_000)
    with pytest.raises(ExpressionError, match="too long"):
        compiled("a", JAVA).replace("a" * 90_000, "$0" * 100)


def test_any_text_is_a_pattern_or_is_refused() -> None:
    chance = random.Random(5)
    bits = [*"ab.*+?()[]{}|^$\\-&!<=>:#~", "(?", "{2}", "\\p{L}", "\\1", "\\Q", "(?<n>", "&&", "é", "😀", "\0"]
    for _ in range(4000):
        pattern = "".join(chance.choices(bits, k=chance.randrange(1, 9)))
        for flavour in (JAVASCRIPT, JAVA, XPATH):
            try:
                compiled(pattern, flavour).replace("ab{}[]-\\😀", "<$0>")
            except BrokenPattern as broken:
                assert 1 <= broken.position <= len(pattern)
