# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The error of a preprocessing step that columns cannot be traced through."""


class Untraceable(TypeError):
    """A step through which columns cannot be traced.

    Parameters
    ----------
    reason : str
        What the step does, and a way out.
    path : tuple of str
        Names of the step and of those that contain it, outermost first.
    """

    def __init__(self, reason: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(reason, path)
        self.reason = reason
        self.path = path

    def inside(self, name: str) -> "Untraceable":
        """The same error of a step within the step of this name."""
        return Untraceable(self.reason, (name, *self.path))

    def __str__(self) -> str:
        step = "__".join(self.path)
        return f"Columns cannot be traced through step {step!r}: {self.reason}"
