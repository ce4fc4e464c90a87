"""From method and path to the function that answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from procore_spectrum.testing.fake_procore.answers import Reply, unknown_path
from procore_spectrum.testing.fake_procore.calls import Call

__all__ = ["Handler", "Route", "Router"]

Handler = Callable[[Call], Reply]


@attrs.frozen
class Route:
    """``{name}`` in the path stands for an id. ``open`` routes can do without company header."""

    method: str
    path: str
    handler: Handler
    open: bool = False


class Router:
    """Finds the route; a word in a path goes before a placeholder."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes: dict[tuple[str, int], list[tuple[list[str], Route]]] = {}
        for route in sorted(routes, key=lambda route: route.path.count("{")):
            parts = route.path.split("/")
            self._routes.setdefault((route.method, len(parts)), []).append((parts, route))

    def find(self, method: str, path: str) -> tuple[Route, dict[str, int]]:
        """The route and the ids in the path.

        Raises:
            RefusalError: 404 for a path that is not served.
        """
        given = path.rstrip("/").split("/")
        for parts, route in self._routes.get((method, len(given)), []):
            params = _match(parts, given)
            if params is not None:
                return route, params
        raise unknown_path()


def _match(parts: list[str], given: list[str]) -> dict[str, int] | None:
    params: dict[str, int] = {}
    for part, text in zip(parts, given, strict=True):
        if part.startswith("{"):
            if not (text.isascii() and text.isdigit() and len(text) <= 19):
                return None
            params[part[1:-1]] = int(text)
        elif part != text:
            return None
    return params
