"""Hooks of Schemathesis: whoever has a token asks in turn, from one request to the next."""

import itertools
import os
from typing import Any

import schemathesis

_tokens = itertools.cycle(os.environ["PARLEY_TEST_TOKENS"].split(","))


@schemathesis.hook
def before_call(_context: Any, case: Any, **_options: Any) -> None:
    """Before each request."""
    case.headers["Authorization"] = f"Bearer {next(_tokens)}"
