# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The command: arguments in, exit code out."""

import os
import sys
from collections.abc import Sequence

from skneon._cli._arguments import parsed
from skneon._tables._words import TableError, printable

# exit code for unusable input or arguments
UNUSABLE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : list of str or None
        Arguments; None: those of the process.

    Returns
    -------
    code : int
        0; 1 where rows are flagged and that is to be told; 2 for unusable input or
        arguments; 130 for an interrupt.
    """
    try:
        code = _run(argv)
        sys.stdout.flush()
    except (TableError, ImportError) as error:
        message = " ".join(printable(str(error), " ").split())
        print(f"skneon: error: {message}", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        # the interpreter is not to flush what cannot be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            # nobody reads on
            return 0
        print(f"skneon: error: output cannot be written: {error}", file=sys.stderr)
        return UNUSABLE
    return code


def _run(argv: Sequence[str] | None) -> int:
    arguments = parsed(argv)
    # scikit-learn comes with it: not before the arguments are known to be of use
    from skneon._cli._run import run

    text, n_flagged = run(arguments)
    if text:
        print(text)
    return int(arguments.fail_on_outliers and n_flagged > 0)
