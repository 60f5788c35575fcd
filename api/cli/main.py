"""`place-registry`: one entry, commands loaded only when called, one place for errors."""

import importlib
import sys
from collections.abc import Sequence

import click
from psycopg import OperationalError as DriverUnavailable
from sqlalchemy.exc import OperationalError

from api.cluster import ClusterIsUnavailable
from api.settings import SettingIsWrong, read_settings
from registry.errors import RegistryError

OK, REFUSED, USAGE, UNAVAILABLE = 0, 1, 2, 3
OUT_OF_REACH = frozenset({"remote-is-unavailable"})
"""Errors that say nothing about what was asked: it may be tried again."""

COMMANDS = {
    "db": "api.cli.db:db",
    "serve": "api.cli.serve:serve",
    "demo": "api.cli.demo:demo",
    "import": "api.cli.imports:imports",
    "plan": "api.cli.plan:plan",
    "legal": "api.cli.codes:legal",
    "codes": "api.cli.codes:codes",
    "worker": "api.cli.worker:worker",
    "quality": "api.cli.quality:quality",
    "crosswalk": "api.cli.crosswalk:crosswalk",
    "changes": "api.cli.changes:changes",
    "follow": "api.cli.follow:follow_",
    "log": "api.cli.log:log",
    "geocode": "api.cli.geocode:geocode",
    "mcp": "api.cli.agents:mcp",
    "openapi": "api.cli.openapi:openapi",
    "plates": "api.cli.plates:plates",
    "certificate": "api.cli.certificates:certificate",
    "keys": "api.cli.keys:keys",
    "boundary": "api.cli.boundary:updates",
    "doctor": "api.cli.doctor:doctor",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module."""
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, _colon, name = target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Place Registry (地名地址登记库): divisions, names and addresses with their whole history."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit status: 0 ok, 1 refused, 2 usage, 3 unavailable."""
    try:
        result = cli.main(arguments, prog_name="place-registry", standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        return 130
    except RegistryError as error:
        status = UNAVAILABLE if error.code in OUT_OF_REACH else REFUSED
        return _say(f"{error.code}: {_in_the_users_language(error)}", status)
    except SettingIsWrong as error:
        return _say(str(error), USAGE)
    except ClusterIsUnavailable as error:
        return _say(str(error), UNAVAILABLE)
    except (OperationalError, DriverUnavailable) as error:
        first = str(getattr(error, "orig", error)).splitlines()[0]
        return _say(f"the database cannot be used: {first}", UNAVAILABLE)
    return result if isinstance(result, int) else OK


def main() -> None:
    """Console entry."""
    sys.exit(run())


def _in_the_users_language(error: RegistryError) -> str:
    if read_settings().language != "zh":
        return str(error)
    from api.problems import in_chinese

    return in_chinese(error.code, error.facts)


def _say(line: str, status: int) -> int:
    click.echo(" ".join(line.split()), err=True)
    return status


if __name__ == "__main__":
    main()
