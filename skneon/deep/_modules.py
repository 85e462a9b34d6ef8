# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Running a torch module up to one of its layers, and leaving no trace in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any, NoReturn

import torch

# names that an error lists
LISTED = 6
# axes of vectors, and of feature maps
VECTORS, MAPS = 2, 4


class Reached(BaseException):
    """Raised in a forward pass that has reached the layer; no code should catch it."""


def find_layer(module: torch.nn.Module, name: str) -> torch.nn.Module:
    """The submodule of that name; "" is the module itself.

    Raises
    ------
    TypeError
        Where module is no torch module, or name no text.
    ValueError
        For an unknown name; it lists the near ones.
    """
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"module must be a torch.nn.Module, got {module!r}.")
    if not isinstance(name, str):
        raise TypeError(
            "layer must be the name of a submodule, as named_modules() gives it, got "
            f"{name!r}."
        )
    known: dict[str, torch.nn.Module] = dict(module.named_modules())
    if name not in known:
        names = [known_name for known_name in known if known_name]
        near = get_close_matches(name, names, LISTED, cutoff=0.5) or names[-LISTED:]
        raise ValueError(
            f"{type(module).__name__} has no layer {name!r}; near it are "
            f"{', '.join(map(repr, near))}. named_modules() lists all."
        )
    return known[name]


def rectifiers_near(module: torch.nn.Module, layer: str) -> str:
    """The names of the ReLUs next to a layer, as the end of an error."""
    kinds = (torch.nn.ReLU, torch.nn.ReLU6)
    names = [name for name, _ in module.named_modules()]
    place = names.index(layer)
    found = [name for name, part in module.named_modules() if isinstance(part, kinds)]
    near = sorted(found, key=lambda name: abs(names.index(name) - place))[:3]
    return f", such as {', '.join(map(repr, near))}" if near else ""


def parameter_like(module: torch.nn.Module) -> tuple[torch.device, torch.dtype]:
    """Device and dtype of the module's first floating parameter or buffer."""
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            return tensor.device, tensor.dtype
    return torch.device("cpu"), torch.float32


@contextmanager
def evaluating(module: torch.nn.Module) -> Iterator[None]:
    """The module in evaluation mode; afterwards every submodule as it was."""
    before = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, training in before:
            part.training = training


def output_at(
    module: torch.nn.Module, layer: str, inputs: torch.Tensor
) -> torch.Tensor:
    """Output of a layer in a forward pass that goes no further.

    Parameters
    ----------
    module : torch.nn.Module
    layer : str
    inputs : tensor

    Returns
    -------
    output : tensor of shape (n, C, h, w) or (n, C)

    Raises
    ------
    ValueError
        Where the module does not take the inputs, never runs the layer, or this has
        another output.
    """
    outputs: list[Any] = []

    def keep(part: torch.nn.Module, arguments: Any, output: Any) -> NoReturn:
        outputs.append(output)
        raise Reached

    _run(module, layer, inputs, keep, outputs)
    return _checked(outputs[0], layer, len(inputs))


def check_runs_once(module: torch.nn.Module, layer: str, inputs: torch.Tensor) -> None:
    """Refuse a layer that runs several times in a pass: which is meant is not clear."""
    outputs: list[Any] = []

    def count(part: torch.nn.Module, arguments: Any, output: Any) -> None:
        outputs.append(None)

    with torch.no_grad():
        # what comes behind the layer need not take inputs of this size
        _run(module, layer, inputs, count, outputs)
    if len(outputs) > 1:
        raise ValueError(
            f"Layer {layer!r} runs {len(outputs)} times in a forward pass, so that its "
            "output is not one: let the module have a layer of its own in each place."
        )


def _run(
    module: torch.nn.Module,
    layer: str,
    inputs: torch.Tensor,
    hook: Callable[..., Any],
    outputs: list[Any],
) -> None:
    """A forward pass with a hook on the layer, which is removed whatever happens."""
    handle = find_layer(module, layer).register_forward_hook(hook)
    try:
        module(inputs)
    except Reached:
        pass
    except (RuntimeError, TypeError, ValueError, IndexError, AssertionError) as error:
        if not outputs:
            hint = ""
            if inputs.ndim == MAPS and inputs.shape[1] > 4 >= inputs.shape[-1]:
                hint = " Channels come first: images[..., :3].transpose(0, 3, 1, 2)."
            raise ValueError(
                f"{type(module).__name__} does not take inputs of shape "
                f"{tuple(inputs.shape)}: {str(error).rstrip('.')}.{hint}"
            ) from error
    finally:
        handle.remove()
    if not outputs:
        raise ValueError(
            f"Layer {layer!r} of {type(module).__name__} does not run in its forward "
            "pass: choose one that does."
        )


def _checked(output: Any, layer: str, n: int) -> torch.Tensor:
    if not isinstance(output, torch.Tensor):
        raise ValueError(
            f"Layer {layer!r} gives a {type(output).__name__}, not a tensor: choose a "
            "layer with one output."
        )
    if output.ndim not in (VECTORS, MAPS) or len(output) != n:
        raise ValueError(
            f"Layer {layer!r} gives a tensor of shape {tuple(output.shape)} for {n} "
            "inputs: it must be (n, channels, height, width), or (n, features)."
        )
    if not output.is_floating_point():
        raise ValueError(f"Layer {layer!r} gives {output.dtype}: it must be floats.")
    return output
