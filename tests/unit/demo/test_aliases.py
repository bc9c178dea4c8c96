"""Ids are shown by names that are the same on each run."""

from server.cli.demo.aliases import Aliases

ONE, TWO, THREE = (f"{n}1a1fbd4-2a5a-731c-b739-807ea78a54dc" for n in "abc")


def test_rows_are_numbered_as_they_are_seen() -> None:
    aliases = Aliases()
    paths = ("contracts", "payout-batches", "contracts")
    names = [aliases.of(path, key) for path, key in zip(paths, (ONE, TWO, THREE), strict=True)]
    assert names == ["contract-1", "payout-batch-1", "contract-2"]
    assert aliases.of("contracts", ONE) == "contract-1"
    assert aliases.of("categories", "d" + ONE[1:]) == "category-1"


def test_ids_in_texts_are_named_or_left_out() -> None:
    aliases = Aliases()
    aliases.person(ONE, "client")
    assert aliases.text(f"/v1/users/{ONE}/{TWO}") == "/v1/users/client/…"
    assert aliases.text("from 2026-12-14T09:05:06.555Z on") == "from … on"
    assert aliases.json({"id": ONE}) == '{"id":"client"}'
    assert [aliases.person_of(key) for key in (ONE, TWO, None)] == ["client", "somebody", "nobody"]
