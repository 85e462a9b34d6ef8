# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""
==============================
A scene: clusters of its parts
==============================

Which parts of a scene go together, and what in the picture speaks for each group? This
example does what figure 8 of the chapter does (Montavon, Kauffmann, Samek, Müller,
*Explaining the Predictions of Unsupervised Learning Models*, 2022) with a kitchen:
k-means of the activations at all locations of one image, explained down to the pixels.

Name an image on the command line; without one it is scikit-image's image "coffee",
which is in the public domain (CC0). ``--network vgg16`` takes the network and the layer
of the chapter, where torchvision can be imported.
"""

# sphinx_gallery_thumbnail_path = "images/coffee.png"

import matplotlib.pyplot as plt
import numpy as np
from image_tools import NETWORKS, as_batch, cropped, finish, parser_of, read
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from skimage import data

from skneon import NeonKMeans
from skneon.deep import NeonImages

N_CLUSTERS = 5
# those of Okabe and Ito, which the colour-blind can tell apart
COLOURS = ["#F0E442", "#0072B2", "#009E73", "#CC79A7", "#56B4E9"]

parser = parser_of("Clusters of the parts of a scene.")
parser.add_argument(
    "--plain", action="store_true", help="centroids as they are, not rescaled"
)
options = parser.parse_args()
image = cropped(data.coffee()) if options.image is None else read(options.image)

# %%
# The model
# ---------
# A layer of the network describes every location of the image by its activations, one
# row for each location. After k-means the chapter scales all centroids to the same
# norm. The evidence for a cluster is then that of a linear layer without biases, so
# that it goes by activations alone, and some locations go over to another cluster.

network = NETWORKS[options.network]()
layer = options.layer or network.cluster_layer
model = NeonImages(
    network.module,
    layer,
    NeonKMeans(N_CLUSTERS, n_init=10, random_state=0),
    preprocess=network.preprocess,
    rescale_centroids=not options.plain,
)
model.fit(as_batch(image))
clusters = model.clusters()
sizes = np.bincount(clusters.ravel(), minlength=N_CLUSTERS)
print(f"Layer {layer}: clusters of {', '.join(map(str, sizes))} locations")
if not options.plain:
    print(f"Rescaling took {model.reassigned_:.1%} of the locations to other clusters")

# %%
# For each cluster, the evidence of its own locations is explained, and no other.

explanations = [model.explain(where=clusters == k) for k in range(N_CLUSTERS)]
for k, explanation in enumerate(explanations):
    score = explanation.score[clusters == k].sum()
    carried = explanation.layer_relevance
    against = -carried[carried < 0].sum() / np.abs(carried).sum()
    print(
        f"cluster {k}: activations carry {carried.sum() / score:.0%} of the evidence; "
        f"{against:.0%} of the relevance speaks against the cluster"
    )

# %%
# In the heat maps red speaks for the cluster, blue against it, each on a scale of its
# own. Lines are the borders of the cluster's locations. Relevance goes beyond them, as
# the network sees more of the image at a location than the square that this stands for.


def of_pixels(values):
    """Values of the locations, by pixel."""
    rows, columns = (
        np.arange(side) * n // side
        for side, n in zip(image.shape[:2], values.shape, strict=True)
    )
    return values[np.ix_(rows, columns)]


def figure_8():
    height, width = image.shape[:2]
    size = (11.0, 5.5 * height / width + 0.8)
    fig, axes = plt.subplots(2, 4, figsize=size, layout="constrained")
    axes = axes.ravel()
    axes[0].imshow(image)
    axes[0].set_title("the image")
    colours = ListedColormap(COLOURS)
    axes[1].imshow(image.mean(axis=2), cmap="gray", vmin=-255, vmax=255)
    axes[1].imshow(of_pixels(clusters[0]), cmap=colours, vmax=N_CLUSTERS - 1, alpha=0.5)
    axes[1].set_title("clusters of its locations")
    for k, explanation in enumerate(explanations):
        ax = axes[2 + k]
        explanation.plot(ax, title=f"what speaks for cluster {k}")
        members = of_pixels(clusters[0] == k).astype(float)
        ax.contour(members, levels=[0.5], colors=COLOURS[k], linewidths=1.5)
    key = [
        Patch(color=colour, label=f"cluster {k}: {size} locations")
        for k, (colour, size) in enumerate(zip(COLOURS, sizes, strict=True))
    ]
    key += [
        Patch(color="darkred", label="speaks for the cluster"),
        Patch(color="darkblue", label="speaks against it"),
    ]
    axes[7].legend(handles=key, loc="center", frameon=False)
    for ax in axes:
        ax.set_axis_off()
    return fig


finish(figure_8(), options.output)
