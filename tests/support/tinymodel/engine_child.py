"""What runs in the engine's process: the server, until standard input closes."""

from __future__ import annotations

import json
import os
import sys

import xllamacpp


def main() -> None:
    """Start the server named by the arguments (a model file, settings as JSON) and say where it listens."""
    model, options = sys.argv[1], json.loads(sys.argv[2])
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.endpoint_metrics = True
    params.verbosity = 0
    for name, value in options.items():
        setattr(params, name, value)
    server = xllamacpp.Server(params)
    sys.stdout.write(f"READY {server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()
    os._exit(0)


main()
