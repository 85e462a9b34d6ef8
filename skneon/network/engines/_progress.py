# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""How far a long explanation has come: a bar where tqdm is there, lines elsewhere."""

import sys
from threading import Lock


class Progress:
    """Rows that are done, shown on standard error.

    Use as a context. In the workers of another process it shows nothing.

    Parameters
    ----------
    total : int
        Rows in all.
    verbose : int or bool
        0 shows nothing.
    """

    def __init__(self, total, verbose=0):
        self.total = total
        self.verbose = verbose
        self._done, self._tenths, self._lock = 0, 0, Lock()
        self._bar = None

    def __getstate__(self):
        """What shows nothing."""
        return {"total": self.total}

    def __setstate__(self, state):
        """As new, and silent."""
        self.__init__(state["total"])

    def __enter__(self):
        """Show the bar."""
        if self.verbose:
            self._bar = _tqdm_bar(self.total)
        return self

    def __exit__(self, *exception):
        """Close the bar; rows done in other processes are counted at the end."""
        if exception[0] is None and self._done < self.total:
            self.add(self.total - self._done)
        if self._bar is not None:
            self._bar.close()

    def add(self, n_rows):
        """Count rows as done."""
        if not self.verbose:
            return
        with self._lock:
            self._done += n_rows
            if self._bar is not None:
                self._bar.update(n_rows)
            elif 10 * self._done // max(self.total, 1) > self._tenths:
                self._tenths = 10 * self._done // self.total
                text = f"skneon: {self._done} of {self.total} rows"
                print(text, file=sys.stderr, flush=True)


def _tqdm_bar(total):
    """A bar of tqdm, None where that is not installed."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(total=total, unit="row", desc="skneon")
