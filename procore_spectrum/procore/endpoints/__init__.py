"""What can be asked of Procore, one module per resource.

Every function is pure: it returns a :class:`~procore_spectrum.procore.calls.Call` or
:class:`~procore_spectrum.procore.calls.PagedCall`, which a client sends.
"""
