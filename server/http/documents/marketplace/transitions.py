"""The transitions' part of the OpenAPI document, made from the machines."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from handlers.resources import AREA_OF
from protocol.machine import ASKABLE, SAME, Transition
from server.http.documents import answers, parameters
from server.http.documents.additions import tell_of_key
from server.http.documents.machine_words import refusals_of, who_of
from server.http.documents.marketplace.operations import (
    answer,
    body,
    in_words,
    key_parameter,
    made,
    one_of,
)
from server.http.documents.schemas import Schema, Schemas
from storage.resources import wire_structs
from storage.resources.resource import Resource
from storage.workflows.workflow import Answered, Workflow

Resources = Mapping[str, Resource]


def replies_of(workflows: Iterable[Workflow]) -> Iterator[type[msgspec.Struct]]:
    """The structs of answers that are no rows."""
    for workflow in workflows:
        for found in workflow.answers.values():
            yield from (one.shape for one in found if one.shape is not None)


def requests_of(
    workflows: Iterable[Workflow], resources: Resources
) -> Iterator[type[msgspec.Struct]]:
    """The structs of bodies that have a path."""
    for workflow in workflows:
        if workflow.resource in resources:
            asked = {*workflow.machine.askable(), *(t.action for t in _made_here(workflow))}
            yield from (of for action, of in workflow.bodies.items() if action in asked)


def transitions_of(
    workflows: Iterable[Workflow], resources: Resources, schemas: Schemas
) -> dict[str, dict[str, Any]]:
    """Every path of a transition that somebody may ask for, and of what only workflows make."""
    paths: dict[str, dict[str, Any]] = {}
    for workflow in workflows:
        resource = resources.get(workflow.resource)
        if resource is None:
            continue
        _tell_of_actions(resource, workflow, schemas)
        collection = f"/v1/{resource.path}"
        told = _Told(workflow, resource, resources, schemas)
        for action in workflow.machine.askable():
            paths[f"{collection}/{{key}}/{action}"] = {"post": told.action(action)}
        for transition in _made_here(workflow):
            paths[collection] = {"post": told.creation(transition)}
    return paths


def _made_here(workflow: Workflow) -> Iterator[Transition]:
    """The creations that the resource itself does not offer."""
    yield from (t for t in workflow.creations if t.action in workflow.makers)


def _tell_of_actions(resource: Resource, workflow: Workflow, schemas: Schemas) -> None:
    actions = list(workflow.machine.askable())
    if actions:
        properties = schemas.resolved(wire_structs.whole(resource))["properties"]
        of = properties["available_actions"]
        properties["available_actions"] = of | {"items": {"type": "string", "enum": actions}}


class _Told:
    """The operations of one workflow."""

    def __init__(
        self, workflow: Workflow, resource: Resource, resources: Resources, schemas: Schemas
    ) -> None:
        self._workflow = workflow
        self._resource = resource
        self._resources = resources
        self._schemas = schemas

    def action(self, action: str) -> Schema:
        """A transition of a row that is there."""
        rows = [t for t in self._workflow.machine.named(action) if not t.is_creation]
        matched = any(t.needs_match for t in rows)
        match = parameters.IF_MATCH_NEEDED if matched else parameters.IF_MATCH
        return self._operation(
            action,
            f"{self._resource.noun.capitalize()}: {_phrase(action)}",
            rows,
            [key_parameter(self._resource), match],
            (403, 409, 412, *([428] if matched else [])),
        )

    def creation(self, transition: Transition) -> Schema:
        """A row that begins."""
        says = f"A new {self._resource.noun}"
        return self._operation(transition.action, says, [transition], [], (403, 409))

    def _operation(
        self,
        action: str,
        says: str,
        rows: list[Transition],
        asked: list[Schema],
        refuses: tuple[int, ...],
    ) -> Schema:
        operation: Schema = {
            "operationId": f"{in_words(action)}_{one_of(self._resource)}",
            "summary": says,
            "description": "\n".join(_lines(self._workflow, rows)),
            "tags": [AREA_OF[self._resource.path]],
            "parameters": asked,
            "responses": answers.answered(
                self._done(action), names_one=True, has_body=True, refuses=refuses
            ),
            "security": parameters.WITH_TOKEN,
        }
        shape = self._workflow.bodies.get(action)
        if shape is not None:
            needed = any(field.required for field in msgspec.structs.fields(shape))
            operation["requestBody"] = body(self._schemas, shape) | {"required": needed}
        return tell_of_key(operation, is_needed=any(t.moves_money for t in rows))

    def _done(self, action: str) -> Schema:
        """Each way in which it succeeds, by status."""
        found = self._workflow.answers_of(action)
        done = {str(one.status): self._answer(one) for one in found}
        assert len(done) == len(found), f"{action}: two answers have one status"
        return done

    def _answer(self, one: Answered) -> Schema:
        resource = self._resources.get(one.path)
        if one.shape is not None:
            return answer("Done", self._schemas.ref(one.shape))
        if resource is None:
            return answer("Done", {"type": "object"})
        row = self._schemas.ref(wire_structs.whole(resource))
        return made(row) if one.status == 201 else answer("The row", row, tag=True)


def _phrase(action: str) -> str:
    return action.replace("-", " ").replace("_", " ")


def _lines(workflow: Workflow, rows: Iterable[Transition]) -> Iterator[str]:
    """The rows of the machine that somebody may ask for, as a list."""
    for row in rows:
        if row.is_askable:
            sources = " ".join(f"`{source}`" for source in row.sources if source)
            target = "the same" if row.target == SAME else f"`{row.target}`"
            moves = f"from {sources} to {target}" if sources else f"begins as {target}"
            refused = "; ".join(refusals_of(workflow, row))
            told = f"- By {who_of(row.by & ASKABLE)}: {moves}."
            yield f"{told} Refused: {refused}." if refused else told
