"""Sphinx configuration. The build needs no network, and warnings are errors."""

import sys
from pathlib import Path

from procore_spectrum import __version__ as release

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "procore-spectrum"
author = "The procore-spectrum developers"
copyright = "2026, the procore-spectrum developers"
version = ".".join(release.split(".")[:2])

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "from_code"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
root_doc = "index"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"procore-spectrum {release}"
