# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Time and memory of explaining 512 x 512 images through EfficientNet-Lite0.

``python benchmarks/bench_images.py`` prints, for three layers, the seconds of fitting a
density to an image's locations and explaining all of its pixels; those a piece of ten
images against a fitted model, in one call and in ten; and the largest memory of the
process. Needs the extras deep and efficientnet, and scikit-image.
"""

import argparse
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from skimage.data import brick

from benchmarks.common import paired_times
from skneon.deep import NeonImages, load_efficientnet_lite0

LAYERS = "head", "blocks.11.expand", "blocks.5.expand"
# bytes in a gigabyte, and kilobytes as Linux counts the largest memory
GIGABYTE, KILOBYTE = 1e9, 1024


def images_of(n):
    """The brick image in n places, shape (n, 3, 512, 512)."""
    image = brick().astype(np.float32)
    return np.stack([np.stack([np.roll(image, 37 * i, axis=1)] * 3) for i in range(n)])


def explain(network, layer, images):
    """Fit to the images, and explain them."""
    model = NeonImages(network, layer, preprocess=network.preprocess)
    return model.fit(images).explain()


class Images:
    """Seconds for one image and for ten, by layer (asv)."""

    params = (LAYERS, [1, 10])
    param_names = ("layer", "images")
    timeout = 300

    def setup(self, layer, n):
        """Load the network, and make the images."""
        self.network = load_efficientnet_lite0()
        self.images = images_of(n)

    def time_explain(self, layer, n):
        """Fit and explain."""
        explain(self.network, layer, self.images)

    def peakmem_explain(self, layer, n):
        """The same."""
        explain(self.network, layer, self.images)


def main():
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--layers", nargs="+", default=LAYERS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    network, ten = load_efficientnet_lite0(), images_of(10)
    for layer in options.layers:
        one = ten[:1]
        fitted = NeonImages(network, layer, preprocess=network.preprocess).fit(one)
        functions = {
            "one image, fit and explain": lambda layer=layer: explain(
                network, layer, ten[:1]
            ),
            "ten against it, a call each": lambda fitted=fitted: [
                fitted.explain(ten[i : i + 1]) for i in range(len(ten))
            ],
            "ten against it, in one call": lambda fitted=fitted: fitted.explain(ten),
        }
        print(layer)
        times = paired_times(functions, options.runs)
        calls, call = (times[name] for name in list(times)[1:])
        for name, seconds in times.items():
            pieces = 1 if name.startswith("one") else len(ten)
            print(f"  {name:<30} {np.median(seconds) / pieces:.2f} s a piece")
        print(f"  one call takes {np.median(call / calls):.2f} of the time of ten")
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILOBYTE
    print(f"largest memory of the process: {largest / GIGABYTE:.2f} GB")


if __name__ == "__main__":
    main()
