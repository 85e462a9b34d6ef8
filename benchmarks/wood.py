# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Do heat maps of outlierness find scratches? The tables of doc/images.md.

``python benchmarks/wood.py PATH`` takes every image of the folder PATH that has a mask
there, ``mask_NAME`` for the image NAME; beside them the wall of bricks of the examples,
alone where there is no PATH.
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "doc/examples"))

from image_tools import as_batch, read, read_mask, scratched_brick

from skneon.deep import NeonImages, load_efficientnet_lite0

LAYERS = ("head", "blocks.11.expand", "blocks.5.expand")
TARGETS = ("outlier", "inlier")


def main():
    """Measure, and print both tables."""
    images = {"brick, drawn scratch": scratched_brick()}
    for folder in map(Path, sys.argv[1:]):
        for mask in sorted(folder.glob("mask_*.png")):
            name = mask.name.removeprefix("mask_")
            pair = read(folder / name), read_mask(mask)
            images["_".join(Path(name).stem.split("_")[-2:])] = pair
    network = load_efficientnet_lite0()
    results = {
        (name, layer): measured(network, layer, *pair)
        for layer in LAYERS
        for name, pair in images.items()
    }
    print("\n".join([*auroc_table(results, images), "", *share_table(results, images)]))


def measured(network, layer, image, defect):
    """AUROC and shares, by target and whether the outermost locations are explained.

    Returns
    -------
    figures : dict
        Keys (target, borders); values (AUROC, share of the score that activations
        carry, share of this that reaches the pixels).
    """
    model = NeonImages(network, layer, preprocess=network.preprocess)
    model.fit(as_batch(image))
    everywhere = np.ones((1, *model.layer_shape_[1:]), dtype=bool)
    inside = np.zeros_like(everywhere)
    inside[:, 1:-1, 1:-1] = True
    figures = {}
    for target in TARGETS:
        for borders, where in {True: everywhere, False: inside}.items():
            explanation = model.explain(target=target, where=where)
            heatmap = explanation.heatmap()[0]
            carried = explanation.layer_relevance.sum()
            figures[target, borders] = (
                roc_auc_score(defect.ravel(), heatmap.ravel()),
                carried / explanation.score[where].sum(),
                explanation.relevance.sum() / carried,
            )
    return figures


def auroc_table(results, images):
    """Lines of the table of pixel AUROCs."""
    heads = [f"{target}ness, `{layer}`" for target in TARGETS for layer in LAYERS]
    yield f"| image | {' | '.join(heads)} |"
    yield "| --- " * (1 + len(heads)) + "|"
    rows = {name: ([name], False) for name in images}
    rows["mean"] = list(images), False
    rows["mean, borders explained too"] = list(images), True
    for label, (names, borders) in rows.items():
        cells = [
            np.mean([results[name, layer][target, borders][0] for name in names])
            for target in TARGETS
            for layer in LAYERS
        ]
        yield f"| {label} | {' | '.join(f'{cell:.3f}' for cell in cells)} |"


def share_table(results, images):
    """Lines of the table of what is kept at the layer, and below it."""
    yield "| layer | target | carried by activations | of that, at the pixels |"
    yield "| --- | --- | --- | --- |"
    for layer in LAYERS:
        for target in TARGETS:
            figures = [results[name, layer][target, False] for name in images]
            _, carried, kept = np.transpose(figures)
            yield (
                f"| `{layer}` | {target} | {carried.min():.2f} to {carried.max():.2f} "
                f"| {kept.min():.1e} to {kept.max():.1e} |"
            )


if __name__ == "__main__":
    main()
