"""Replies and refusals, in the body shapes that Procore's versions use.

Version 1 has no single error shape (`doc:error-reference`); the fake spreads the documented
ones over the kinds of error, so that a client has to understand all of them.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import attrs

from procore_spectrum.wire.messages import Headers, Response

__all__ = [
    "InvalidError",
    "JsonNumber",
    "Problems",
    "RefusalError",
    "Reply",
    "bad_request",
    "conflict",
    "forbidden",
    "html_gateway_error",
    "not_connected",
    "not_found",
    "too_large",
    "unauthorized",
    "unknown_path",
    "unprocessable",
    "wrong_content_type",
]

Problems = dict[str, list[str]]

V2_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
}
NUMBER = re.compile(r'"\\u0001(-?[0-9.]+)\\u0001"')


class JsonNumber(Decimal):
    """A decimal that is answered as a JSON number, digit by digit, without passing a float."""


@attrs.frozen(kw_only=True)
class Reply:
    """An answer before it becomes bytes. ``body`` is JSON-ready; None means no body."""

    status: int = 200
    body: Any = None
    headers: Headers = ()

    def response(self) -> Response:
        """The answer on the wire."""
        if self.body is None:
            return Response(status=self.status, headers=self.headers)
        if isinstance(self.body, bytes):
            return Response(status=self.status, headers=self.headers, content=self.body)
        text = NUMBER.sub(r"\1", json.dumps(self.body, default=_encoded, ensure_ascii=False))
        content = text.encode("utf-8", "replace")
        kind = (("Content-Type", "application/json; charset=utf-8"),)
        return Response(status=self.status, headers=kind + self.headers, content=content)


def _encoded(value: Any) -> str:
    # The json module writes floats only, so a number travels as marked text until it is unquoted.
    # A Decimal only gets here as an echo of what was sent; as text it keeps every digit.
    return f"\x01{value:f}\x01" if isinstance(value, JsonNumber) else str(value)


class RefusalError(Exception):
    """Procore says no, which is an answer and no fault of the fake.

    Holds the status, the body for version 1 and the message for version 2's envelope.
    """

    def __init__(self, status: int, body: Any, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = body
        self.message = message

    def reply(self, version: int) -> Reply:
        """The refusal in the shape of the API version."""
        if version < 2:
            return Reply(status=self.status, body=self.body)
        error = {
            "code": V2_CODES.get(self.status, "UNPROCESSABLE_ENTITY"),
            "message": self.message,
            "details": [{"message": self.message, "reason_code": "invalid", "source": "request"}],
        }
        return Reply(status=self.status, body={"error": error})


class InvalidError(Exception):
    """A record breaks business rules: the messages by field. Becomes a 422, or a sync error."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(problems)
        self.problems = problems


def bad_request(field: str, message: str) -> RefusalError:
    """400 in the shape ``{code, message, fields, reason, error}``."""
    body = {
        "code": 400,
        "message": message,
        "fields": {field: [message]},
        "reason": "bad_request",
        "error": HTTPStatus(400).phrase,
    }
    return RefusalError(400, body, message)


def unauthorized(message: str = "The access token is invalid") -> RefusalError:
    """401 in the shape ``{message, error}``."""
    return RefusalError(401, {"message": message, "error": "invalid_token"}, message)


def forbidden() -> RefusalError:
    """403 for a tool that is off or a right that is missing."""
    message = "You Do Not Have Sufficient Access to Complete That Action"
    return RefusalError(403, {"code": 403, "message": message}, message)


def not_connected() -> RefusalError:
    """403 for a company in which the app is not installed."""
    message = "App is not connected to this company"
    return RefusalError(403, {"errors": message}, message)


def not_found(what: str = "Resource") -> RefusalError:
    """404 for a record, in the shape ``{exception, message}``."""
    message = f"{what} not found"
    return RefusalError(
        404, {"exception": "ActiveRecord::RecordNotFound", "message": message}, message
    )


def unknown_path() -> RefusalError:
    """404 for an address that no version serves."""
    message = "The requested path does not exist"
    return RefusalError(404, {"message": message, "error": "Not Found"}, message)


def conflict(message: str) -> RefusalError:
    """409 for a write that another one is in the way of."""
    return RefusalError(409, {"code": 409, "message": message}, message)


def wrong_content_type() -> RefusalError:
    """406 for a body that is not JSON."""
    message = "Content type must be application/json"
    return RefusalError(406, {"errors": message}, message)


def too_large(limit: int) -> RefusalError:
    """413 for a bulk call with too many items, in the shape ``{errors: [message]}``."""
    message = f"Too many items: at most {limit} are accepted in one call"
    return RefusalError(413, {"errors": [message]}, message)


def unprocessable(problems: Problems) -> RefusalError:
    """422 for broken business rules, in the shape ``{errors: {field: [message]}}``."""
    message = "; ".join(f"{field} {', '.join(texts)}" for field, texts in problems.items())
    return RefusalError(422, {"errors": problems}, message)


def html_gateway_error() -> Reply:
    """502 as a proxy writes it: HTML, not JSON."""
    page = b"<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"
    return Reply(status=502, body=page, headers=(("Content-Type", "text/html"),))
