"""Schema migrations, run in order, once, whoever starts first."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from registry.database import driver_url

HERE = Path(__file__).parent


def configuration(database_url: str) -> Config:
    """Alembic's configuration for a database, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option(
        "file_template",
        "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d_%%(slug)s",
    )
    config.attributes["url"] = driver_url(database_url)
    return config


def migrate(database_url: str) -> None:
    """Bring a database to the newest schema; does nothing when it is there."""
    command.upgrade(configuration(database_url), "head")
