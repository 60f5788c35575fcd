"""Pages with much and with little to show, for the tests beside."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import shapely
import shapely.affinity
from shapely.geometry import LineString, Point, Polygon

from api.web.page import (
    ActLine,
    AddressPage,
    DivisionLine,
    FormerText,
    HomePage,
    RestructuringPage,
    ScannedPlate,
    SearchResult,
    Successor,
)
from api.web.picture import CityPicture, MapPicture
from api.web.spoken import Crossing, Roadside, Whereabouts
from api.web.standing import Standing
from registry.divisions.figures import SUMMED
from registry.restructuring.impact import (
    Audience,
    AudienceScope,
    CutThoroughfare,
    Judgement,
    LineEffect,
    LineStatus,
    MarkerEffect,
    Measure,
    NameConflict,
    NameConflictKind,
    Need,
    PlateEffect,
    PlateGroup,
    ResultingDivision,
    Verdict,
)
from registry.restructuring.model import (
    AddressEffect,
    ChangedUnit,
    CodeChange,
    MovedUnit,
    Preview,
    TextChange,
    UnitLine,
)

UNIT = UUID(int=7)
DOOR = Point(118.2461, 24.6522)
VILLAGE = shapely.affinity.scale(DOOR.buffer(0.006, quad_segs=64), 1.3, 0.8)
TOWN = shapely.affinity.translate(DOOR.buffer(0.03), 0.024, 0.012)
ROADS = (
    ("琼头中里", LineString([(118.240, 24.6505), (118.2461, 24.6518), (118.252, 24.6535)])),
    ("民安大道", LineString([(118.236, 24.6555), (118.246, 24.6562), (118.258, 24.6571)])),
    ("琼头路", LineString([(118.2432, 24.645), (118.2438, 24.6521), (118.2431, 24.66)])),
    ("舫山南路", LineString([(118.2495, 24.645), (118.2502, 24.653), (118.2492, 24.66)])),
)
RICH = AddressPage(
    code="V4SSTAPXWRS9",
    text="福建省厦门市翔安区凤翔街道琼头社区琼头中里9号之2",
    plate_line="琼头中里9号之2",
    romanisation="Qióngtóu Zhōnglǐ 9-2 Hào",
    stage="current",
    generated=True,
    former=(
        FormerText(
            "福建省厦门市翔安区马巷镇琼头村琼头中里9号之2",
            None,
            date(2021, 1, 6),
            "马巷镇、新店镇改设街道",
            "闽政文〔2021〕3号",
            "福建省人民政府",
        ),
        FormerText(
            "福建省厦门市翔安区马巷街道琼头村琼头中里9号之2",
            date(2021, 1, 6),
            date(2021, 10, 31),
            "马巷、新店街道析置",
            None,
            "厦门市人民政府",
        ),
    ),
    divisions=(
        DivisionLine("福建省", "province", "Fújiàn Shěng", None, "35"),
        DivisionLine("厦门市", "prefecture", "Xiàmén Shì", None, "3502"),
        DivisionLine("翔安区", "district", "Xiáng'ān Qū", date(2003, 4, 26), "350213"),
        DivisionLine(
            "凤翔街道", "subdistrict", "Fèngxiáng Jiēdào", date(2021, 10, 31), "350213004000"
        ),
        DivisionLine("琼头社区", "community", "Qióngtóu Shèqū", date(2021, 10, 31), "350213004006"),
    ),
    lon=DOOR.x,
    lat=DOOR.y,
    accuracy_m=15,
    method="generated",
    at=date(2026, 11, 23),
    is_today=True,
    picture=MapPicture(DOOR, VILLAGE, TOWN, ROADS, illustrative=True),
    public_url="https://dizhi.example.cn",
    change=42,
    language="zh",
)
SCANNED = replace(
    RICH,
    romanised="Fújiàn Shěng Xiàmén Shì Xiáng'ān Qū Qióngtóu Zhōnglǐ 9-2 Hào",
    english="No. 9-2 Qióngtóu Zhōnglǐ, Xiáng'ān District, Xiàmén City, Fújiàn Province, China",
    whereabouts=Whereabouts(
        Roadside("琼头路", 2, "odd", 31.0),
        Crossing(("琼头路", "民安大道"), 1, 118.0),
        ("琼头中里7号",),
    ),
    plate=ScannedPlate(
        standing=Standing.OLD_NAME,
        shows="琼头村9号之2",
        romanisation="Qióngtóu Cūn",
        kind="small",
        serial=3,
        issued_on=date(2020, 6, 30),
        issued_as=RICH.former[0].text,
    ),
)
"""What a phone shows that scanned an old plate."""
POOR = AddressPage(
    code="000000000000",
    text="大帽山社区",
    plate_line="大帽山社区",
    romanisation=None,
    stage="retired",
    generated=False,
    former=(),
    divisions=(),
    lon=None,
    lat=None,
    accuracy_m=None,
    method=None,
    at=date(2020, 12, 31),
    is_today=False,
    picture=None,
    public_url="http://127.0.0.1:8000",
    change=0,
    language="en",
    in_force=False,
)
RETIRED = replace(
    RICH, stage="retired", successors=(Successor("GC3BVWVS4BT4", "翔安区琼头中里11号"),)
)
DISTRICTS = tuple(
    (name, Polygon([(x, y), (x + 0.15, y + 0.02), (x + 0.14, y + 0.14), (x - 0.01, y + 0.12)]))
    for name, x, y in (
        ("海沧区", 117.9, 24.45),
        ("思明区", 118.06, 24.42),
        ("湖里区", 118.07, 24.555),
        ("集美区", 117.9, 24.6),
        ("同安区", 118.06, 24.7),
        ("翔安区", 118.23, 24.58),
    )
)
HOME = HomePage(
    city="厦门市",
    query=None,
    results=(),
    picture=CityPicture(DISTRICTS),
    acts=(
        ActLine(
            str(UNIT), "马巷镇、新店镇改设街道", date(2021, 1, 6), "闽政文〔2021〕3号", "committed"
        ),
        ActLine(str(UNIT), "新民、西柯、祥平街道调整", date(2022, 4, 8), None, "committed"),
    ),
    divisions=612,
    addresses=50_000,
    public_url="https://dizhi.example.cn",
    change=42,
    language="zh",
)
ASKED = replace(
    HOME,
    query="翔安区马巷镇琼头村琼头中里9号",
    results=(
        SearchResult(
            RICH.text,
            RICH.code,
            "A",
            ("马巷镇琼头村 → 凤翔街道琼头社区（2021年，闽政文〔2021〕3号）",),
        ),
        SearchResult("福建省厦门市翔安区凤翔街道琼头社区琼头中里19号", "GC3BVWVS4BT4", "C"),
    ),
)


def unit(name: str, kind: str, code: str | None) -> UnitLine:
    return UnitLine(UNIT, kind, name, code, "翔安区", 12)


ACT = RestructuringPage(
    restructuring_id=str(UNIT),
    preview=Preview(
        title="马巷、新店街道析置六街道",
        effective_on=date(2021, 10, 31),
        effective_precision="month",
        drawn_at=3,
        digest="0" * 64,
        ended=(unit("大宅村", "village", "350213002210"),),
        begun=(
            unit("凤翔街道", "subdistrict", "350213004000"),
            unit("民安街道", "subdistrict", "350213005000"),
        ),
        changed=(
            ChangedUnit(
                unit("琼头村", "village", "350213002212"),
                unit("琼头社区", "community", "350213004006"),
            ),
        ),
        moved=tuple(
            MovedUnit(UNIT, f"第{n}社区", "马巷街道", "凤翔街道", None, None) for n in range(40)
        ),
        codes=tuple(
            CodeChange(UNIT, f"第{n}社区", f"350213002{n:03}", f"350213004{n:03}")
            for n in range(40)
        ),
        succession=(),
        addresses=AddressEffect(
            18_234, 3_120, 57, (TextChange(RICH.code, RICH.former[1].text, RICH.text),)
        ),
        rows_to_write={"division_version": 77},
        warnings=("有效日期只精确到月",),
        breaches=(),
        plates=PlateEffect(
            remake=1_234,
            misleading=34,
            valid=17_000,
            groups=(
                PlateGroup(Need.MISLEADING, UNIT, None, "琼头村", "琼头村", "琼头社区", 34),
                PlateGroup(Need.OUTDATED, UNIT, None, "大宅村", "大宅村", "大宅社区", 1_200),
            ),
        ),
        thoroughfares=(
            CutThoroughfare(UNIT, "新兴街", ("马巷街道",), ("凤翔街道", "马巷街道"), 321),
        ),
        lines=tuple(
            LineEffect(4, status, "凤翔街道", "马巷街道", 8_249.7) for status in LineStatus
        ),
        markers=(
            MarkerEffect(4, LineStatus.CREATED, (118.1, 24.5), ("凤翔街道", "民安街道", "新圩镇")),
        ),
        names=tuple(
            NameConflict(kind, "新兴街", "凤翔街道", ("马巷街道新兴街", "新店街道新兴街"), 12)
            for kind in NameConflictKind
        ),
        audience=Audience(7, 2, 3, (AudienceScope(UNIT, "翔安区", 5),)),
        divisions=(
            ResultingDivision(
                division_id=UNIT,
                name="凤翔街道",
                kind="subdistrict",
                code="350213004",
                parent="翔安区",
                communities=16,
                villages=0,
                addresses=8_620,
                area_m2=56_170_890.6,
                territory_basis="illustrative",
                compactness=0.6426,
                seat=(118.2, 24.6),
                farthest_member_m=4_321.0,
                mean_distance_m=2_000.0,
                **{name: Measure(41_234, 16, 16, "illustrative", None) for name in SUMMED},
                standards=(
                    Judgement(
                        rule_set="某省街道设立标准",
                        scope="全省",
                        criterion="min_population",
                        required=50_000,
                        actual=41_234,
                        verdict=Verdict.NOT_MET,
                        reason="",
                        source="公开文件",
                        in_force_on=None,
                    ),
                ),
            ),
        ),
    ),
    state="committed",
    decree_number=None,
    decree_authority="厦门市人民政府",
    public_url="https://dizhi.example.cn",
    change=42,
    language="zh",
)


def in_english(page: Any) -> Any:
    """The same page in English."""
    return replace(page, language="en")
