# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""
============================================
A scratch in a surface: outliers and inliers
============================================

Which parts of a surface are unusual, and which are typical of it? This example does
what figure 7 of the chapter does (Montavon, Kauffmann, Samek, Müller, *Explaining the
Predictions of Unsupervised Learning Models*, 2022) with a scratched piece of wood: a
kernel density estimate of the activations at all locations of one image, explained down
to the pixels. No other image is needed, and no label.

Name an image on the command line, and with ``--mask`` another that is not black where
the defect is. Without one, a wall of bricks gets a scratch: scikit-image's image
"brick", which is in the public domain (CC0).

``--network vgg16`` takes the network, layer and gamma of the chapter, where torchvision
can be imported.
"""

# sphinx_gallery_thumbnail_path = "images/brick.png"

import matplotlib.pyplot as plt
from image_tools import (
    NETWORKS,
    as_batch,
    finish,
    parser_of,
    read,
    read_mask,
    scratched_brick,
)
from sklearn.metrics import roc_auc_score

from skneon import NeonKDE
from skneon.deep import NeonImages

parser = parser_of("Outlierness and inlierness of the parts of a surface.")
parser.add_argument("--mask", help="image that is black but for the defect")
options = parser.parse_args()
if options.image is None:
    image, defect = scratched_brick()
else:
    image = read(options.image)
    defect = None if options.mask is None else read_mask(options.mask)

# %%
# The model
# ---------
# A layer of the network describes every location of the image by its activations, one
# row for each location. A kernel density estimate is fitted to these rows, and every
# row is scored by the model of all others.

network = NETWORKS[options.network]()
layer = options.layer or network.density_layer
kde = NeonKDE(gamma=network.gamma)
model = NeonImages(network.module, layer, kde, preprocess=network.preprocess)
model.fit(as_batch(image))
channels, *locations = model.layer_shape_
print(
    f"Layer {layer}: {locations[0]} x {locations[1]} locations, {channels} channels, "
    f"gamma {model.estimator_.gamma_:.3g}"
)

# %%
# The padding of convolutions makes the outermost locations look unusual, whatever the
# image shows there. They are left out of what is explained.

explanations = {
    f"{target}ness": model.explain(target=target, border=1)
    for target in ("outlier", "inlier")
}
aurocs = {}
for name, explanation in explanations.items():
    score = explanation.score[explanation.where].sum()
    carried = explanation.layer_relevance.sum()
    print(
        f"{name}: {carried / score:.0%} of the score is carried by activations, and "
        f"{explanation.relevance.sum() / carried:.1g} of that reaches the pixels"
    )
    if defect is not None:
        heatmap = explanation.heatmap()[0]
        aurocs[name] = roc_auc_score(defect.ravel(), heatmap.ravel())
        print(f"{name}: pixel AUROC {aurocs[name]:.3f} against the mask")

# %%
# An AUROC of 1 says that all pixels of the defect have more relevance than all others.
# The inlierness of a good explanation leaves the defect out: less than 1/2.


def figure_7():
    height, width = image.shape[:2]
    size = (11.0, 11 / 3 * height / width + 0.35)
    fig, axes = plt.subplots(1, 3, figsize=size, layout="constrained")
    axes[0].imshow(image)
    axes[0].set_axis_off()
    axes[0].set_title("the image")
    titles = ["outlierness: what is unusual", "inlierness: what is typical"]
    for ax, title, explanation in zip(
        axes[1:], titles, explanations.values(), strict=True
    ):
        explanation.plot(ax, title=title)
    return fig


finish(figure_7(), options.output)
