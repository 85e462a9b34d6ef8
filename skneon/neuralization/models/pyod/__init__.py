# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Detectors of PyOD and their networks: one file per family.

PyOD is never imported. Its classes are known by their names, see
`skneon.neuralization._by_name`: a detector is a function that is decorated with
``@named("pyod.models.knn.KNN")``, and what it has fitted is read by its attributes.
What all of them have in common is in `_detector.py`.
"""
