"""The house rules of the style page that no linter knows, checked on the syntax tree.

Each rule is a function from source to findings, run twice: on the rooms, where it must find
nothing, and on a planted violation, where it must find something.
"""

import ast
import importlib
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("api", "data", "geo", "qr", "registry")
GENERATED = ROOT / "registry" / "migrations" / "versions"
MOST_LINES = 500

BANNED_WORDS = {"utils", "helpers", "common", "manager", "handler", "process"}
BANNED_VARIABLES = {"data", "boundary", "street"}
CLOCKS = {
    "datetime.date.today",
    "datetime.datetime.fromtimestamp",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.time",
    "time.time_ns",
}
SQL_TEXTS = {"sqlalchemy.text", "sqlalchemy.sql.text"}

SUPPRESSION = re.compile(r"#\s*(?P<kind>noqa|type:\s*ignore)(?P<rest>.*)")
RULE_NAMED = {"noqa": r":\s*[A-Z]+\d+", "type": r"\[[a-z-]+(,\s*[a-z-]+)*\]"}
REASON_GIVEN = {"noqa": r" -- \w", "type": r"(--|#)\s*\w"}

# Spelled so that this file does not find itself.
FOREIGN_TEXT = re.compile(r"(?<![\w.}])/(?:work|home|Users)/\w|pypi[.]org|registry[.]npmjs")

Findings = Iterator[str]
Check = Callable[[str], Findings]


def modules(*folders: str) -> list[Path]:
    """Every Python file of the folders, generated migrations apart."""
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if GENERATED not in path.parents
    ]


def found_in(paths: Iterable[Path], check: Check) -> list[str]:
    """What a check finds in files, each finding with its place."""
    return [
        f"{path.relative_to(ROOT)}:{finding}"
        for path in paths
        for finding in check(path.read_text("utf-8"))
    ]


def nothing(findings: list[str]) -> None:
    """Fail with every finding, one a line."""
    assert not findings, "\n" + "\n".join(findings)


def imported_names(tree: ast.AST) -> dict[str, str]:
    """What each imported name stands for, in full."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                names[one.asname or one.name] = one.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                names[one.asname or one.name] = f"{node.module}.{one.name}"
    return names


def calls(source: str) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the dotted name of what it calls, imports resolved."""
    tree = ast.parse(source)
    imported = imported_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            head, dot, rest = ast.unparse(node.func).partition(".")
            yield node, imported.get(head, head) + dot + rest


def too_long(source: str) -> Findings:
    count = len(source.splitlines())
    if count > MOST_LINES:
        yield f"{count} lines"


def silent(source: str) -> Findings:
    if source.strip() and not ast.get_docstring(ast.parse(source)):
        yield "1 no docstring"


def badly_named(stems: Iterable[str]) -> list[str]:
    """The module names that say nothing or that the standard library already has."""
    return [stem for stem in stems if stem in BANNED_WORDS | sys.stdlib_module_names]


def bound_name(node: ast.AST) -> str:
    """The name that a node gives to something, or nothing."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name
    return ""


def banned_names(source: str) -> Findings:
    for node in ast.walk(ast.parse(source)):
        name = bound_name(node)
        words = {word.lower() for word in re.split(r"_|(?<=[a-z])(?=[A-Z])", name)}
        if name in BANNED_VARIABLES or words & BANNED_WORDS:
            yield f"{getattr(node, 'lineno', 1)} {name}"


def clock_readings(source: str) -> Findings:
    for node, name in calls(source):
        if name in CLOCKS:
            yield f"{node.lineno} {name}"


def commits(source: str) -> Findings:
    for node, name in calls(source):
        if name.endswith(".commit"):
            yield f"{node.lineno} {name}"


def formatted_sql(source: str) -> Findings:
    for node, name in calls(source):
        statement = name in SQL_TEXTS or name.endswith(".exec_driver_sql")
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if statement and any(formatted(part) for one in arguments for part in ast.walk(one)):
            yield f"{node.lineno} {name}"


def formatted(node: ast.AST) -> bool:
    """Whether an expression makes text out of values: f-string, %, + or .format."""
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(node, ast.JoinedStr | ast.BinOp) or (
        isinstance(called, ast.Attribute) and called.attr in {"format", "format_map", "join"}
    )


def relative_imports(source: str) -> Findings:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"{node.lineno} {ast.unparse(node)}"


def suppressions(source: str, wanted: dict[str, str]) -> Findings:
    """Suppressing comments that lack what their kind must carry."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        found = SUPPRESSION.search(token.string) if token.type == tokenize.COMMENT else None
        if found and not re.search(wanted[found["kind"].partition(":")[0]], found["rest"]):
            yield f"{token.start[0]} {token.string}"


def unnamed_suppressions(source: str) -> Findings:
    return suppressions(source, RULE_NAMED)


def unreasoned_suppressions(source: str) -> Findings:
    return suppressions(source, REASON_GIVEN)


def environment_readings(source: str) -> Findings:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}:
            yield f"{node.lineno} {ast.unparse(node)}"


def foreign_texts(source: str) -> Findings:
    for number, line in enumerate(source.splitlines(), 1):
        if found := FOREIGN_TEXT.search(line):
            yield f"{number} {found[0]}"


def files_of_the_tree() -> list[Path]:
    """Every text file that is, or is about to be, in version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()]


def modules_with_errors() -> list[str]:
    """Names of the modules that define errors of the registry, however far removed."""
    bases: list[tuple[str, str, set[str]]] = []
    for path in modules(*ROOMS):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                named = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
                bases.append((module, node.name, named))
    rules = {"RegistryError"}
    while grown := {name for _, name, named in bases if named & rules} - rules:
        rules |= grown
    return sorted({module for module, name, _ in bases if name in rules})


def subclasses(root: type) -> Iterator[type]:
    for child in root.__subclasses__():
        if child.__module__.partition(".")[0] in ROOMS:
            yield child
        yield from subclasses(child)


def code_faults(classes: Iterable[type], published: Iterable[type]) -> list[str]:
    """Errors without a code of their own, with another's code, or without a status."""
    known, seen, faults = set(published), set[str](), []
    for one in classes:
        code = vars(one).get("code")
        if code is None:
            faults.append(f"{one.__name__} has no code of its own")
        elif code in seen:
            faults.append(f"{one.__name__} takes the code {code} of another")
        if one not in known:
            faults.append(f"{one.__name__} has no status")
        seen.add(str(code))
    return faults


def settings_of(page: str) -> list[str]:
    return re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE)


class EveryModule:
    def test_is_short_enough_to_read(self) -> None:
        nothing(found_in(modules(*ROOMS, "tests", "benchmarks"), too_long))

    def test_has_a_name_of_its_own(self) -> None:
        paths = [path for path in modules(*ROOMS) if path.stem != "__init__"]
        wrong = set(badly_named(path.stem for path in paths))
        nothing([str(path.relative_to(ROOT)) for path in paths if path.stem in wrong])

    def test_begins_by_saying_what_it_is(self) -> None:
        nothing(found_in(modules(*ROOMS), silent))

    def test_imports_by_full_name(self) -> None:
        nothing(found_in(modules(*ROOMS, "tests"), relative_imports))

    def test_names_the_rule_of_each_suppression(self) -> None:
        nothing(found_in(modules(*ROOMS, "tests", "benchmarks"), unnamed_suppressions))

    def test_gives_a_reason_for_each_suppression(self) -> None:
        nothing(found_in(modules(*ROOMS, "tests", "benchmarks"), unreasoned_suppressions))


class EveryName:
    def test_avoids_the_banned_words(self) -> None:
        nothing(found_in(modules(*ROOMS), banned_names))


class TheClock:
    def test_is_the_only_one_to_tell_time(self) -> None:
        others = [path for path in modules(*ROOMS) if path != ROOT / "api" / "clock.py"]
        nothing(found_in(others, clock_readings))


class TheCommit:
    # Alembic is run from outside any work and must end its own transactions.
    EXCEPTED = ROOT / "registry" / "migrations" / "env.py"

    def test_is_left_to_the_doors(self) -> None:
        rooms = modules(*(room for room in ROOMS if room != "api"))
        nothing(found_in([path for path in rooms if path != self.EXCEPTED], commits))


class TheSql:
    def test_is_never_a_formatted_string(self) -> None:
        nothing(found_in(modules(*ROOMS), formatted_sql))


class TheErrors:
    def test_have_codes_of_their_own_and_a_status(self) -> None:
        from api.problems import STATUS
        from registry.errors import RegistryError

        for name in modules_with_errors():
            importlib.import_module(name)

        nothing(code_faults(subclasses(RegistryError), STATUS))

    def test_are_explained_to_people(self) -> None:
        from api.explanations import EXPLANATIONS
        from registry.errors import RegistryError

        for name in modules_with_errors():
            importlib.import_module(name)

        codes = {vars(one).get("code", one.__name__) for one in subclasses(RegistryError)}
        assert codes - set(EXPLANATIONS) == set()

    def test_are_found_wherever_they_are_defined(self) -> None:
        assert "registry.errors" in modules_with_errors()
        assert len(modules_with_errors()) > 1


class TheSettings:
    def test_are_described_in_one_place(self) -> None:
        from api.settings import NAMES

        page = (ROOT / "docs" / "settings.md").read_text("utf-8")
        assert sorted(settings_of(page)) == sorted(NAMES)

    def test_are_read_by_the_doors_alone(self) -> None:
        rooms = modules(*(room for room in ROOMS if room != "api"))
        nothing(found_in(rooms, environment_readings))


class TheTree:
    def test_mentions_no_place_of_one_machine_and_no_package_host(self) -> None:
        nothing(found_in(files_of_the_tree(), foreign_texts))

    def test_is_looked_at_whole(self) -> None:
        files = set(files_of_the_tree())
        assert set(modules(*ROOMS)) <= files
        assert ROOT / "pyproject.toml" in files


VIOLATIONS: list[tuple[Check, str]] = [
    (too_long, "x = 1\n" * (MOST_LINES + 1)),
    (silent, "x = 1"),
    (banned_names, "data = 1"),
    (banned_names, "def read(data): ..."),
    (banned_names, "class PlateManager: ..."),
    (banned_names, "def process(): ..."),
    (banned_names, "for handler in []: ..."),
    (clock_readings, "from datetime import datetime\ndatetime.now()"),
    (clock_readings, "from datetime import datetime as dt\ndt.utcnow()"),
    (clock_readings, "import datetime\ndatetime.date.today()"),
    (clock_readings, "import time\ntime.time()"),
    (clock_readings, "from time import time\ntime()"),
    (commits, "session.commit()"),
    (commits, "self._work().commit()"),
    (formatted_sql, "from sqlalchemy import text\ntext(f'SELECT {x}')"),
    (formatted_sql, "from sqlalchemy import text\ntext('SELECT %s' % x)"),
    (formatted_sql, "from sqlalchemy import text\ntext('SELECT {}'.format(x))"),
    (formatted_sql, "from sqlalchemy import text\ntext('SELECT ' + x)"),
    (formatted_sql, "from sqlalchemy import text as sql\nsql(text=f'SELECT {x}')"),
    (formatted_sql, "import sqlalchemy as sa\nsa.text(f'SELECT {x}')"),
    (formatted_sql, "connection.exec_driver_sql(f'SELECT {x}')"),
    (relative_imports, "from . import x"),
    (relative_imports, "from ..names import x"),
    (unnamed_suppressions, "x = 1  # noqa"),
    (unnamed_suppressions, "x = 1  # noqa -- it is so"),
    (unnamed_suppressions, "x = 1  # type: ignore"),
    (unreasoned_suppressions, "x = 1  # noqa: S608"),
    (unreasoned_suppressions, "x = 1  # noqa: S608 because"),
    (unreasoned_suppressions, "x = 1  # type: ignore[misc]"),
    (environment_readings, "import os\nos.environ['HOME']"),
    (environment_readings, "import os\nos.getenv('HOME')"),
    (foreign_texts, "cd /" + "work/main"),
    (foreign_texts, "--index-url https://" + "pypi" + ".org/simple"),
    (foreign_texts, "https://registry." + "npmjs" + ".org"),
]

INNOCENTS: list[tuple[Check, str]] = [
    (too_long, "x = 1\n" * MOST_LINES),
    (banned_names, "import data\nprocessed = data.read(metadata=1)"),
    (clock_readings, "import time\nfrom api import clock\ntime.monotonic()\nclock.now()"),
    (formatted_sql, "from sqlalchemy import text\ntext('SELECT 1')\naddress.text(f'{x}')"),
    (relative_imports, "from registry import names"),
    (unnamed_suppressions, "x = '# noqa'  # noqa: S608, E501 -- checked above"),
    (unreasoned_suppressions, "x = 1  # noqa: S608 -- checked above"),
    (unreasoned_suppressions, "x = 1  # type: ignore[misc]  # the stubs are wrong"),
    (foreign_texts, "/usr/lib/postgresql and {base}/work/7 and registry/work/x"),
]


class EveryCheck:
    @pytest.mark.parametrize(("check", "source"), VIOLATIONS)
    def test_finds_a_planted_violation(self, check: Check, source: str) -> None:
        assert list(check(source))

    @pytest.mark.parametrize(("check", "source"), INNOCENTS)
    def test_leaves_the_innocent_alone(self, check: Check, source: str) -> None:
        assert list(check(source)) == []

    def test_has_violations_planted(self) -> None:
        checks = {
            one
            for one in globals().values()
            if getattr(one, "__annotations__", {}).get("return") is Findings
        }
        assert checks - {suppressions} == {check for check, _ in VIOLATIONS}

    def test_finds_badly_named_modules(self) -> None:
        assert badly_named(["helpers", "calendar", "addresses"]) == ["helpers", "calendar"]

    def test_finds_errors_with_faulty_codes(self) -> None:
        class First:
            code = "one"

        class Heir(First): ...

        class Second:
            code = "one"

        assert code_faults([First, Heir, Second], [First, Heir]) == [
            "Heir has no code of its own",
            "Second takes the code one of another",
            "Second has no status",
        ]

    def test_finds_settings_on_the_page(self) -> None:
        assert settings_of("| name |\n| `PORT` | `8000` | `HOST` |\n") == ["PORT"]
