"""Sphinx configuration. The build needs no network, and warnings are errors."""

from importlib.metadata import version as _version

project = "procore-spectrum"
author = "The procore-spectrum developers"
copyright = "2026, the procore-spectrum developers"
release = _version("procore-spectrum")
version = ".".join(release.split(".")[:2])

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
root_doc = "index"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"procore-spectrum {release}"
