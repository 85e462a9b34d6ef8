# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the extra "deep" brings; imported first, to say so where it is missing.

zennit is looked for, but imported where it is used: it needs torchvision.
"""

from importlib.util import find_spec

from skneon._validation import import_optional

import_optional("torch", "deep")
if find_spec("zennit") is None:
    import_optional("zennit", "deep")
