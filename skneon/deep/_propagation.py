# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""From a layer's relevance to the pixels: layer-wise relevance propagation."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import torch

from skneon.deep._modules import evaluating, output_at


def resolve_composite(composite: Any, canonizers: Any = None) -> Any:
    """A zennit composite of a name, or that which is given.

    Parameters
    ----------
    composite : str or zennit.core.Composite
        A name goes by the class, "EpsilonPlusFlat", or by zennit's register,
        "epsilon_plus_flat".
    canonizers : list of zennit.canonizers.Canonizer, or None

    Returns
    -------
    composite : zennit.core.Composite

    Raises
    ------
    ValueError
        For an unknown name, a composite that takes further arguments, canonizers that
        are none, and those beside a composite that is made already.
    """
    zennit = import_zennit()
    if isinstance(composite, zennit.core.Composite):
        if canonizers is not None:
            raise ValueError(
                "canonizers go into the composite, where it is given as an instance: "
                f"{type(composite).__name__}(canonizers=...)."
            )
        return composite
    if canonizers is not None:
        kinds = zennit.canonizers.Canonizer
        listed = isinstance(canonizers, list | tuple)
        if not listed or not all(isinstance(one, kinds) for one in canonizers):
            raise ValueError(
                "canonizers must be a list of instances of zennit's Canonizer, got "
                f"{canonizers!r}."
            )
        canonizers = list(canonizers)
    known = zennit.composites.COMPOSITES
    names = {kind.__name__: kind for kind in known.values()}
    kind = (known | names).get(composite) if isinstance(composite, str) else None
    if kind is None:
        raise ValueError(
            f"composite must be a zennit composite, or one of {', '.join(names)}; got "
            f"{composite!r}."
        )
    try:
        return kind(canonizers=canonizers)
    except TypeError as error:
        raise ValueError(
            f"{kind.__name__} needs arguments of its own ({error}): pass an instance "
            "of it as composite."
        ) from error


def import_zennit() -> Any:
    """The package zennit, or an error that says why it cannot be imported."""
    try:
        import zennit
    except Exception as error:
        raise ImportError(
            f"zennit could not be imported ({error}). It imports torchvision, which "
            "must be of the release, and the build, that goes with torch "
            f"{torch.__version__}: install both from the same place."
        ) from error
    return zennit


@contextmanager
def registered(composite: Any, module: torch.nn.Module) -> Iterator[None]:
    """The rules of a composite on a module, which afterwards is as it was."""
    values = [(kept, kept.data) for kept in (*module.parameters(), *module.buffers())]
    named = [(part, dict(part._parameters)) for part in module.modules()]
    try:
        composite.register(module)
    except Exception as error:
        composite.remove()
        # a canonizer that fails half-way does not take back what it has done
        for kept, value in values:
            kept.data = value
        for part, parameters in named:
            part._parameters.update(parameters)
        name = type(composite).__name__
        raise ValueError(
            f"{name} cannot be applied to {type(module).__name__}: {error}."
        ) from error
    try:
        yield
    finally:
        composite.remove()


def relevance_of_inputs(
    module: torch.nn.Module,
    layer: str,
    inputs: torch.Tensor,
    relevance: torch.Tensor,
    composite: Any,
) -> torch.Tensor:
    """Relevance of the inputs for that of a layer's output.

    Parameters
    ----------
    module : torch.nn.Module
    layer : str
    inputs : tensor of shape (n, ...)
    relevance : tensor of the shape of the layer's output
    composite : zennit.core.Composite

    Returns
    -------
    relevance : tensor of the shape of the inputs

    Raises
    ------
    ValueError
        Where the composite cannot be applied or diverges, or no relevance can reach
        the inputs.
    """
    with (
        torch.inference_mode(False),
        torch.enable_grad(),
        evaluating(module),
        registered(composite, module),
    ):
        inputs = inputs.detach().clone().requires_grad_()
        output = None
        # which zennit raises where the module itself turns gradients off
        with suppress(AttributeError):
            # the module may work in place, but not on a leaf
            output = output_at(module, layer, inputs.clone())
        if output is None or not output.requires_grad:
            raise ValueError(
                f"Layer {layer!r} does not pass gradients to the inputs, which LRP "
                "goes by: the module detaches them, or runs under no_grad."
            )
        (result,) = torch.autograd.grad(
            output, inputs, relevance.to(output), allow_unused=True
        )
    if result is None:
        raise ValueError(f"The output of layer {layer!r} does not depend on the input.")
    if not torch.isfinite(result).all():
        name = type(composite).__name__
        raise ValueError(
            f"{name} diverges on {type(module).__name__}: it gives relevance that is "
            f"not finite. Values may be too large for {inputs.dtype}, or the rules "
            "unstable; EpsilonPlusFlat divides by sums of one sign alone."
        )
    return result
