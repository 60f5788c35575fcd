"""The page of an announcement (公告): the public text of a restructuring, ready to print."""

from api.language import Language
from api.web.page import render_template
from registry.restructuring.announcement import Announcement, chinese_day


def render_announcement(one: Announcement, language: Language) -> str:
    """Whole HTML, no script; the text itself is Chinese in either language."""
    return render_template(
        "announcement.html", language, one=one, chinese_day=chinese_day, here=None
    )
