"""A program of its own that applies a plan, and stops after its first write until told to go on.

It prints ``holding`` when Procore has acted and the program does not know it yet.
"""

from __future__ import annotations

import json
import sys

from procore_spectrum.cli.config import load_config
from procore_spectrum.cli.connect import connect
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.messages import Request, Response

send = HttpxTransport.send


def send_and_wait(transport: HttpxTransport, request: Request) -> Response:
    """Send; after the first write, wait for a line on standard input."""
    response = send(transport, request)
    if request.label == "sync vendors":
        sys.stdout.write("holding\n")
        sys.stdout.flush()
        sys.stdin.readline()
    return response


HttpxTransport.send = send_and_wait
connection = connect(load_config(None))
report = connection.syncer.apply(connection.syncer.plan())
connection.close()
sys.stdout.write(json.dumps(report.to_json()))
