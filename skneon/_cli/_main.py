# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The command: from the arguments to what is printed and written."""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import ExitStack

from sklearn.datasets import load_wine

from skneon._cli._arguments import options_of, parsed
from skneon._cli._output import kind_of
from skneon._cli._run import Run
from skneon._report._files import replacing
from skneon._report._report import check_installed
from skneon._tables._read import open_table
from skneon._tables._words import TableError, printable
from skneon._validation import import_optional

WINE = "scikit-learn's wine data"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : list of str or None
        Arguments; None: those of the process.

    Returns
    -------
    code : int
        0, or 2 for unusable input or arguments, or 130 for an interrupt.
    """
    try:
        if text := run(parsed(argv)):
            print(text)
        sys.stdout.flush()
    except (TableError, ImportError) as error:
        message = printable(" ".join(str(error).split()))
        print(f"skneon: error: {message}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        # the interpreter is not to flush what cannot be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            # nobody reads on
            return 0
        print(f"skneon: error: output cannot be written: {error}", file=sys.stderr)
        return 2
    return 0


def run(arguments: Namespace) -> str:
    """Do what the arguments say; what is to be printed."""
    with ExitStack() as stack:
        if arguments.output:
            kind_of(arguments.output)
        if arguments.report:
            check_installed()
        files = {
            option: stack.enter_context(replacing(path))
            for option in ("output", "report")
            if (path := getattr(arguments, option))
        }
        import_optional("pandas", "tables")
        wine = arguments.data is None
        data = load_wine(as_frame=True).data if wine else arguments.data
        table = stack.enter_context(open_table(data, options_of(arguments), WINE))
        return Run(arguments, table, files).text()
