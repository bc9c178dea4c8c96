"""The result of a run as a table."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping

import msgspec

from loadtests.chaos.judges.violations import Kind, Violations

_WIRE = (
    "on the wire: connections",
    "on the wire: resumed",
    "on the wire: events",
    "on the wire: events again after a resume",
)


class Outcome(msgspec.Struct):
    """The figures of a run."""

    title: str
    sent: int
    acknowledged: int
    unanswered: int
    stored: int
    delivered: int
    resumed: int
    synced: int
    wire: tuple[int, int, int, int]
    """Connections, resumed ones, events, and events that came again."""
    moves: int
    """Times that somebody left, was removed or was taken in."""
    edited: int
    """Edits, deletions and reactions that were acknowledged."""
    closes: Mapping[str, int]
    errors: Mapping[str, int]
    refused: Mapping[str, int]
    evidence: Mapping[str, int]
    recoveries: list[tuple[str, float]]
    spent: Mapping[str, float] = {}
    """Seconds, by what was waited for."""


def text(outcome: Outcome, violations: Violations) -> str:
    """The table, and the first of what went wrong in words."""
    rows: dict[str, int] = {
        "sent": outcome.sent,
        "acknowledged": outcome.acknowledged,
        "neither acknowledged nor refused": outcome.unanswered,
        "stored": outcome.stored,
        "delivered (each device once)": outcome.delivered,
        "edits, deletions, reactions acknowledged": outcome.edited,
        "people who left, were removed or taken in": outcome.moves,
        **{kind.value: violations.counts[kind] for kind in Kind},
        "connections resumed": outcome.resumed,
        "connections that had to sync": outcome.synced,
        **dict(zip(_WIRE, outcome.wire, strict=True)),
        **outcome.evidence,
    }
    lines = [outcome.title, *(f"{name:<48}{count:>12,}" for name, count in rows.items())]
    closes = ", ".join(f"{code}: {count}" for code, count in sorted(outcome.closes.items()))
    spent = ", ".join(f"{name} {seconds / 60:.1f}" for name, seconds in outcome.spent.items())
    lines += [f"connections closed by code: {closes}", f"minutes waited for: {spent}"]
    lines += ["", _by_fault(outcome.recoveries)]
    if outcome.refused:
        lines += ["", "refused or without an answer, and as it should be:"]
        lines += [f"  {name:<46}{count:>12,}" for name, count in Counter(outcome.refused).items()]
    if outcome.errors:
        lines += ["", "errors in the nodes' logs:"]
        lines += [f"  {name:<46}{count:>12,}" for name, count in Counter(outcome.errors).items()]
    for kind, words in violations.told.items():
        if words:
            lines += ["", f"{kind.value}:", *(f"  {each}" for each in words)]
    return "\n".join(lines)


def _by_fault(recoveries: list[tuple[str, float]]) -> str:
    by_name: dict[str, list[float]] = defaultdict(list)
    for name, seconds in recoveries:
        by_name[name].append(seconds)
    by_name["all"] = [seconds for _, seconds in recoveries]
    lines = [f"{'fault':<48}{'times':>6}{'recovery s: median':>20}{'worst':>8}"]
    for name, values in by_name.items():
        if values:
            shown = f"{len(values):>6}{statistics.median(values):>20.2f}{max(values):>8.2f}"
            lines.append(f"{name:<48}{shown}")
    return "\n".join(lines)
