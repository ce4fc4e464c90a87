"""The command line. It needs the extra ``cli``: ``pip install 'procore-spectrum[cli]'``."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """The entry point of ``procore-spectrum``."""
    try:
        from procore_spectrum.cli.commands import cli
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        sys.exit("The command line needs one more package: pip install 'procore-spectrum[cli]'")
    cli()
