"""Statements that make a layer's views, and the rewrite rules that keep what is written to them.

SQLAlchemy has no words for either; every name is quoted by its compiler.
"""

from typing import Any

from sqlalchemy import Sequence, Table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import DDLElement
from sqlalchemy.sql.compiler import DDLCompiler


class CreateView(DDLElement):
    """A view, or its new text; the columns stay the same."""

    def __init__(self, view: Table, body: Any) -> None:
        self.view, self.body = view, body


class InsertRule(DDLElement):
    """What is written into a view is kept in a table of the layer."""

    def __init__(self, view: Table, written: Table) -> None:
        self.view, self.written = view, written


class CloseRule(DDLElement):
    """What is closed in a view is noted in a table of the layer; rows change in no other way."""

    def __init__(self, view: Table, closed: Table) -> None:
        self.view, self.closed = view, closed


class DeleteRule(DDLElement):
    """A work replaces its own rows, which are the layer's."""

    def __init__(self, view: Table, written: Table) -> None:
        self.view, self.written = view, written


class NumberRows(DDLElement):
    """New rows of a view take their ids from the layer's sequence."""

    def __init__(self, view: Table, version_ids: Sequence) -> None:
        self.view, self.version_ids = view, version_ids


class Analyse(DDLElement):
    """Let the planner know how much there is."""

    def __init__(self, table: Table) -> None:
        self.table = table


@compiles(CreateView)
def _create_view(element: CreateView, compiler: DDLCompiler, **_more: Any) -> str:
    body = compiler.sql_compiler.process(element.body, literal_binds=True)
    return f"CREATE OR REPLACE VIEW {_name(compiler, element.view)} AS {body}"


@compiles(InsertRule)
def _insert_rule(element: InsertRule, compiler: DDLCompiler, **_more: Any) -> str:
    new = ", ".join(f"NEW.{compiler.preparer.format_column(c)}" for c in element.view.columns)
    view, written = _name(compiler, element.view), _name(compiler, element.written)
    rule = ("CREATE RULE written AS ON INSERT TO", view, "DO INSTEAD")
    return " ".join((*rule, "INSERT INTO", written, "VALUES (", new, ") RETURNING *"))


@compiles(CloseRule)
def _close_rule(element: CloseRule, compiler: DDLCompiler, **_more: Any) -> str:
    view, closed = _name(compiler, element.view), _name(compiler, element.closed)
    rule = ("CREATE RULE closed AS ON UPDATE TO", view, "DO INSTEAD")
    return " ".join((*rule, "INSERT INTO", closed, "VALUES (OLD.version_id, NEW.recorded_to)"))


@compiles(DeleteRule)
def _delete_rule(element: DeleteRule, compiler: DDLCompiler, **_more: Any) -> str:
    view, written = _name(compiler, element.view), _name(compiler, element.written)
    rule = ("CREATE RULE replaced AS ON DELETE TO", view, "DO INSTEAD")
    return " ".join((*rule, "DELETE FROM", written, "WHERE version_id = OLD.version_id"))


@compiles(NumberRows)
def _number_rows(element: NumberRows, compiler: DDLCompiler, **_more: Any) -> str:
    following = compiler.sql_compiler.process(element.version_ids.next_value())
    return (
        f"ALTER VIEW {_name(compiler, element.view)}"
        f" ALTER COLUMN version_id SET DEFAULT {following}"
    )


@compiles(Analyse)
def _analyse(element: Analyse, compiler: DDLCompiler, **_more: Any) -> str:
    return f"ANALYZE {_name(compiler, element.table)}"


def _name(compiler: DDLCompiler, table: Table) -> str:
    return str(compiler.preparer.format_table(table))
