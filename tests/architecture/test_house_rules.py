"""The house rules of the style page that no linter knows, checked on the syntax tree."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api import problems
from registry.errors import RegistryError

ROOT = Path(__file__).parents[2]
ROOMS = ("api", "data", "geo", "qr", "registry")
MOST_LINES = 500
BANNED_WORDS = {"utils", "helpers", "common", "manager", "handler", "process"}
BANNED_VARIABLES = {"data", "boundary", "street"}
TELLS_TIME = {"now", "today", "utcnow", "fromtimestamp", "time"}
SUPPRESSION = re.compile(r"#\s*(?:noqa|type:\s*ignore)(.*)")


def modules(*folders: str) -> list[Path]:
    """Every Python file of the folders, migrations apart."""
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "versions" not in path.parts
    ]


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text("utf-8"), str(path)))


def at(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def called(node: ast.AST) -> str:
    """The last name of what a call calls, or nothing."""
    if isinstance(node, ast.Call):
        target = node.func
        return getattr(target, "attr", getattr(target, "id", ""))
    return ""


def rule_classes(root: type[RegistryError]) -> Iterator[type[RegistryError]]:
    for child in root.__subclasses__():
        yield child
        yield from rule_classes(child)


class EveryModule:
    def test_is_short_enough_to_read(self) -> None:
        long = {
            str(path.relative_to(ROOT)): count
            for path in modules(*ROOMS, "tests", "benchmarks")
            if (count := len(path.read_text("utf-8").splitlines())) > MOST_LINES
        }
        assert not long

    def test_has_a_name_of_its_own(self) -> None:
        wrong = [
            str(path.relative_to(ROOT))
            for path in modules(*ROOMS)
            if path.stem != "__init__" and path.stem in BANNED_WORDS | sys.stdlib_module_names
        ]
        assert not wrong

    def test_begins_by_saying_what_it_is(self) -> None:
        silent = [
            str(path.relative_to(ROOT))
            for path in modules(*ROOMS)
            if path.read_text("utf-8").strip()
            and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
        ]
        assert not silent

    def test_gives_a_reason_for_each_suppression(self) -> None:
        bare = [
            f"{path.relative_to(ROOT)}:{number}"
            for path in modules(*ROOMS, "tests", "benchmarks")
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
            if (found := SUPPRESSION.search(line))
            and path != Path(__file__)
            and not re.search(r"--\s*\w|#\s*\w", found[1])
        ]
        assert not bare


class EveryName:
    def test_avoids_the_banned_words(self) -> None:
        wrong = [
            f"{at(path, node)} {name}"
            for path in modules(*ROOMS)
            for node in nodes(path)
            for name in self._bound(node)
            if name in BANNED_VARIABLES
            or set(re.split(r"_|(?<=[a-z])(?=[A-Z])", name)) & BANNED_WORDS
        ]
        assert not wrong

    @staticmethod
    def _bound(node: ast.AST) -> list[str]:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            return [node.id]
        if isinstance(node, ast.arg):
            return [node.arg]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return [node.name]
        return []


class TheClock:
    def test_is_the_only_one_to_tell_time(self) -> None:
        wrong = [
            at(path, node)
            for path in modules(*ROOMS)
            if path != ROOT / "api" / "clock.py"
            for node in nodes(path)
            if called(node) in TELLS_TIME and self._of_a_clock(node)
        ]
        assert not wrong

    @staticmethod
    def _of_a_clock(node: ast.AST) -> bool:
        target = node.func if isinstance(node, ast.Call) else None
        owner = target.value if isinstance(target, ast.Attribute) else None
        return getattr(owner, "id", getattr(owner, "attr", "")) in {"datetime", "date", "time"}


class TheCommit:
    def test_is_left_to_the_doors(self) -> None:
        wrong = [
            at(path, node)
            for path in modules("data", "geo", "qr", "registry")
            if path.parent.name != "migrations"
            for node in nodes(path)
            if called(node) == "commit"
        ]
        assert not wrong


class TheSql:
    def test_is_never_a_formatted_string(self) -> None:
        wrong = [
            at(path, node)
            for path in modules(*ROOMS)
            for node in nodes(path)
            if called(node) in {"text", "exec_driver_sql"}
            and isinstance(node, ast.Call)
            and any(isinstance(a, ast.JoinedStr | ast.BinOp) for a in node.args)
        ]
        assert not wrong


class TheErrors:
    def test_each_have_a_status_and_an_explanation(self) -> None:
        for path in modules(*ROOMS):
            if "RegistryError)" in path.read_text("utf-8"):
                __import__(".".join(path.relative_to(ROOT).with_suffix("").parts))
        rules = set(rule_classes(RegistryError))
        assert not {rule.__name__ for rule in rules - set(problems.STATUS)}
        assert not {rule.code for rule in rules} - set(problems.EXPLANATIONS)

    def test_have_codes_of_their_own(self) -> None:
        codes = [rule.code for rule in rule_classes(RegistryError)]
        assert len(codes) == len(set(codes))


class TheSettings:
    def test_are_described_in_one_place(self) -> None:
        from api.settings import NAMES

        page = (ROOT / "docs" / "settings.md").read_text("utf-8")
        described = re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE)
        assert sorted(described) == sorted(NAMES)

    @pytest.mark.parametrize("folder", ["registry", "geo", "qr", "data"])
    def test_are_read_by_the_doors_alone(self, folder: str) -> None:
        wrong = [
            at(path, node)
            for path in modules(folder)
            for node in nodes(path)
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
        ]
        assert not wrong
