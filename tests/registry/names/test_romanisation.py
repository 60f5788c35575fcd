"""Spelling place names in letters."""

import pytest

from registry.names.romanisation import romanise

LOCAL = {"厦": "xià", "曾厝垵": "zēng cuò ān", "厝": "cuò"}


@pytest.mark.parametrize(
    ("specific", "generic", "expected"),
    [
        ("思明", "区", "Sīmíng Qū"),
        ("中山", "路", "Zhōngshān Lù"),
        ("莲前", "街道", "Liánqián Jiēdào"),
        ("湖滨南", "路", "Húbīn Nánlù"),
        ("莲前西", "路", "Liánqián Xīlù"),
        ("湖滨四", "里", "Húbīn 4 Lǐ"),
        ("枋湖北二", "路", "Fānghú Běi 2 Lù"),
        ("高崎南十二", "路", "Gāoqí Nán 12 Lù"),
        ("二", "马路", "2 Mǎlù"),
        ("嘉庚", "路", "Jiāgēng Lù"),
        ("五缘", "湾", "Wǔyuán Wān"),
        ("景德镇", "市", "Jǐngdézhèn Shì"),
        ("岭南", "路", "Lǐngnán Lù"),
        ("五通", "", "Wǔtōng"),
        ("西安", "", "Xī'ān"),
        ("曾厝垵", "", "Zēngcuò'ān"),
        ("厦禾", "路", "Xiàhé Lù"),
        ("百", "路", "Bǎi Lù"),
    ],
)
def test_names_follow_the_standard(specific: str, generic: str, expected: str) -> None:
    assert romanise(specific, generic, readings=LOCAL) == expected
