"""People at work on the restructuring of a small district, and the papers they write."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from registry.log.sealing import seal
from registry.restructuring import commands
from registry.restructuring.docket import Docket
from registry.restructuring.model import Restructuring
from registry.restructuring.paper import read_paper
from registry.restructuring.store import RestructuringStore
from tests.builder import MAXIANG, RegistryBuilder

ON = date(2021, 1, 6)
LATER = date(2021, 10, 31)
DECREE = {"authority": "福建省人民政府", "number": "闽政文〔2021〕3号", "approved_on": "2021-01-06"}
CONVERT: dict[str, Any] = {
    "title": "撤销马巷镇,设立马巷街道",
    "effective_on": "2021-01-06",
    "decree": DECREE,
    "operations": [
        {
            "retype": {
                "division": "350213102",
                "kind": "subdistrict",
                "name": "马巷街道",
                "code": "350213002",
                "romanisation": "Mǎxiàng Jiēdào",
            }
        }
    ],
}
DIVIDE: dict[str, Any] = {
    "title": "马巷街道分设凤翔街道",
    "effective_on": "2021-10-31",
    "decree": {"authority": "厦门市人民政府"},
    "operations": [
        {
            "split": {
                "division": "350213002",
                "keeps": True,
                "into": [
                    {
                        "name": "凤翔街道",
                        "kind": "subdistrict",
                        "code": "350213004",
                        "romanisation": "Fèngxiáng Jiēdào",
                        "members": ["350213102201"],
                        "codes": {"350213102201": "350213004201"},
                    }
                ],
            }
        }
    ],
}


class Case:
    """People at work on a small district."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.builder = RegistryBuilder(engine)
        self.builder.tree(MAXIANG)
        self.builder.squares("350213102001", "350213102201", "350213102202", "350213103201")
        self.builder.doors("350213102201", 3, self.builder.carrier("琼头中里", "350213102201"))
        self.builder.doors("350213102202", 2)

    def do(self, verb: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        with self.engine.connect() as connection:
            done = verb(connection, *arguments, **more)
            connection.commit()
        return done

    def file(self, raw: dict[str, Any], **place: Any) -> UUID:
        filed: Restructuring = self.do(commands.create, {**raw, **place}, author="甲")
        return filed.restructuring_id

    def approve(self, one: UUID) -> None:
        self.do(commands.submit, one, who="甲")
        self.do(commands.approve, one, who="乙")

    def carry_out(self, one: UUID) -> int:
        with self.engine.connect() as connection:
            work = commands.commit(connection, one, who="乙")
            seal(work)
            connection.commit()
            return work.number

    def get(self, one: UUID) -> Restructuring:
        with self.engine.connect() as connection:
            return RestructuringStore(connection).get(one)

    def steps(self, one: UUID) -> list[tuple[str, str]]:
        with self.engine.connect() as connection:
            return [(step.step, step.who) for step in Docket(connection).steps(one)]

    def everyday(self, operation: dict[str, Any], on: str = "2020-12-01") -> int:
        paper = read_paper({"title": "日常", "effective_on": on, "operations": [operation]})
        with self.builder.work() as work:
            commands.commit_paper(work, paper)
            return work.number

    def preview(self, one: UUID) -> Any:
        with self.engine.connect() as connection:
            return commands.preview(connection, one)
