# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Images of every kind, and locations as rows."""

import numpy as np
import pytest
import torch
from helpers.networks import LAST, activations, convolutional, photos

from skneon.deep import NeonImages
from skneon.deep._locations import as_images, as_map, as_output, as_rows

pytestmark = pytest.mark.usefixtures("zennit")

# whole numbers that every number type holds
PLAIN = np.random.default_rng(0).integers(0, 256, size=(2, 3, 16, 24))


def read_only(images):
    images = images.copy()
    images.flags.writeable = False
    return images


def field(images):
    """A field of records, with strides that are no whole numbers of items."""
    records = np.zeros(images.shape, dtype=[("value", "f4"), ("flag", "u1")])
    records["value"] = images
    return records["value"]


KINDS = {
    "float64": lambda x: x.astype(np.float64),
    "float32": lambda x: x.astype(np.float32),
    "float16": lambda x: x.astype(np.float16),
    "longdouble": lambda x: x.astype(np.longdouble),
    "uint8": lambda x: x.astype(np.uint8),
    "uint16": lambda x: x.astype(np.uint16),
    "big endian": lambda x: x.astype(">f4"),
    "list": lambda x: x.tolist(),
    "list of arrays": list,
    "list of tensors": lambda x: list(torch.from_numpy(x)),
    "read-only": read_only,
    "read-only float32": lambda x: read_only(x.astype(np.float32)),
    "negative strides": lambda x: x[..., ::-1].copy()[..., ::-1],
    "channels last": lambda x: x.transpose(0, 2, 3, 1).copy().transpose(0, 3, 1, 2),
    "fortran": np.asfortranarray,
    "every second": lambda x: np.repeat(x, 2, axis=3).astype(np.float32)[..., ::2],
    "field": field,
    "tensor": torch.from_numpy,
    "uint8 tensor": lambda x: torch.from_numpy(x).to(torch.uint8),
    "half tensor": lambda x: torch.from_numpy(x).half(),
    "bfloat16 tensor": lambda x: torch.from_numpy(x).bfloat16(),
    "requires grad": lambda x: torch.from_numpy(x).float().requires_grad_(),
    "channels-last tensor": lambda x: (
        torch.from_numpy(x).float().to(memory_format=torch.channels_last)
    ),
    "expanded tensor": lambda x: torch.from_numpy(x)[None].expand(1, -1, -1, -1, -1)[0],
}


def snapshot(images):
    values = images.detach() if isinstance(images, torch.Tensor) else images
    if isinstance(values, list):
        return np.array([np.asarray(part) for part in values])
    return values.float().numpy().copy() if hasattr(values, "float") else values.copy()


@pytest.fixture(scope="module")
def expected(zennit):
    model = NeonImages(convolutional(), LAST).fit(PLAIN.astype(np.float32))
    return model.explain(PLAIN.astype(np.float32))


@pytest.mark.parametrize("kind", KINDS)
def test_images_of_all_number_types_and_layouts(kind, expected):
    images = KINDS[kind](PLAIN)
    before = snapshot(images)
    model = NeonImages(convolutional(), LAST).fit(images)
    explanation = model.explain(images)
    np.testing.assert_allclose(explanation.relevance, expected.relevance, rtol=1e-4)
    np.testing.assert_array_equal(snapshot(images), before)
    np.testing.assert_array_equal(explanation.images, before)
    if isinstance(images, torch.Tensor) and images.requires_grad:
        assert images.grad is None


def test_binary_images():
    images = PLAIN > 100
    wanted = NeonImages(convolutional(), LAST).fit(images.astype(float)).explain()
    for some in (images, torch.from_numpy(images)):
        got = NeonImages(convolutional(), LAST).fit(some).explain()
        np.testing.assert_array_equal(got.relevance, wanted.relevance)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_memory_is_shared_where_it_can_be(dtype):
    images = PLAIN.astype(dtype)
    for some in (images, images.transpose(0, 1, 3, 2), images[:, :, ::2]):
        assert np.shares_memory(as_images(some).numpy(), images)
    for some in (read_only(images), images[..., ::-1]):
        tensor = as_images(some)
        assert not np.shares_memory(tensor.numpy(), images)
        assert tensor.numpy().dtype == dtype
        np.testing.assert_array_equal(tensor, some)


def fit_and_explain(images, message, error):
    model = NeonImages(convolutional(), LAST)
    with pytest.raises(error, match=message):
        model.fit(images)
    assert not hasattr(model, "estimator_")
    model.fit(photos())
    for method in (model.explain, model.score_locations):
        with pytest.raises(error, match=message):
            method(images)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (PLAIN + 0j, "gives complex128"),
        (torch.ones(2, 3, 16, 16) + 0j, "dense and real, got torch.complex64"),
        (torch.ones(2, 3, 16, 16).to_sparse(), "dense and real, .*sparse_coo"),
        (PLAIN.astype(object), "array that gives object"),
        (PLAIN.astype(str), "array that gives <U"),
        ("photo.png", "str that gives <U9"),
        ([np.ones((3, 8, 8)), np.ones((3, 8, 9))], "of one shape"),
        ([[1.0, 2.0], [3.0]], "of one shape"),
        ([torch.ones(3, 8, 8, requires_grad=True)] * 2, "detach"),
    ],
)
def test_what_is_no_array_of_numbers(images, message):
    fit_and_explain(images, message, TypeError)


@pytest.mark.parametrize("shape", [(), (3,), (3, 16, 16), (1, 2, 3, 16, 16)])
def test_other_numbers_of_axes(shape):
    images = np.ones(shape)
    message = r"shape \(n, channels, height, width\), or \(n, d\)"
    hint = "images[None]"
    with pytest.raises(ValueError, match=message) as raised:
        as_images(images)
    assert (hint in str(raised.value)) == (len(shape) == 3)
    fit_and_explain(images, message, ValueError)


@pytest.mark.parametrize("shape", [(0, 3, 16, 16), (2, 3, 0, 16), (0, 5), (4, 0)])
def test_no_images(shape):
    fit_and_explain(np.ones(shape), "There are no images", ValueError)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite(value):
    images = photos()
    images[1, 2, 3, 4] = value
    for some in (images, torch.from_numpy(images)):
        fit_and_explain(some, r"first at \[1, 2, 3, 4\]", ValueError)


def test_rows_of_locations_and_back():
    maps = torch.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    rows = as_rows(maps)
    assert rows.shape == (40, 3) and rows.dtype == np.float64
    np.testing.assert_array_equal(rows[20 + 2 * 5 + 3], maps[1, :, 2, 3])
    np.testing.assert_array_equal(as_output(rows, maps.shape), maps)
    assert as_output(rows, maps.shape).flags.c_contiguous
    np.testing.assert_array_equal(as_map(rows[:, 1], maps.shape), maps[:, 1])
    vectors = maps[0, 0]
    np.testing.assert_array_equal(as_rows(vectors), vectors)
    np.testing.assert_array_equal(as_output(as_rows(vectors), vectors.shape), vectors)
    assert as_map(vectors[:, 0].numpy(), vectors.shape).shape == (4,)


def test_rows_are_the_activations_of_locations():
    net, images = convolutional(torch.float64), torch.from_numpy(photos())
    rows = activations(net, "relu1", images)
    np.testing.assert_array_equal(as_rows(net[:2](images)), rows)
