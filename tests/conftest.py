# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Settings and fixtures of the whole suite."""

import os

# scikit-learn's array API check is skipped unless this is set before SciPy loads
os.environ["SCIPY_ARRAY_API"] = "1"

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

# helpers assert too, and say as much where they fail
pytest.register_assert_rewrite("helpers")

settings.register_profile(
    "skneon",
    deadline=None,
    derandomize="CI" in os.environ,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("skneon")

WHOLESALE = "wholesale_customers.csv"


@pytest.fixture(autouse=True)
def figures_are_closed():
    """No test leaves figures open to the next."""
    yield
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")


@pytest.fixture(scope="session")
def wholesale_path():
    """The wholesale customers data, where a copy lies beside the project."""
    root = Path(__file__).resolve().parents[1]
    candidates = [os.environ.get("SKNEON_WHOLESALE_CSV"), root.parent / "shared/data"]
    for candidate in filter(None, candidates):
        path = Path(candidate)
        path = path / WHOLESALE if path.is_dir() else path
        if path.is_file():
            return path
    pytest.skip("the wholesale customers data is not beside the project")


WOOD = "mvtec_wood"


@pytest.fixture(scope="session")
def wood_path():
    """The wood images, where a copy lies beside the project."""
    root = Path(__file__).resolve().parents[1]
    candidates = [os.environ.get("SKNEON_WOOD"), root.parent / "shared/data" / WOOD]
    for candidate in filter(None, candidates):
        if Path(candidate).is_dir():
            return Path(candidate)
    pytest.skip("the wood images are not beside the project")


@pytest.fixture(scope="session")
def zennit():
    """zennit, which imports torchvision: of which there may be none for this torch.

    Where torchvision does not import, zennit finds in its place a module with the two
    classes that it asks for, and no network is made of them.
    """
    try:
        import_module("torchvision.models.resnet")
    except Exception:
        broken = [name for name in sys.modules if name.split(".")[0] == "torchvision"]
        for name in broken:
            del sys.modules[name]
        for name in ("torchvision", "torchvision.models", "torchvision.models.resnet"):
            sys.modules[name] = ModuleType(name)
        resnet = sys.modules["torchvision.models.resnet"]
        resnet.BasicBlock = type("BasicBlock", (), {})
        resnet.Bottleneck = type("Bottleneck", (), {})
    # the workers of the suite share the cores; threads that wait for others cost much
    import_module("torch").set_num_threads(1)
    return import_module("zennit")
