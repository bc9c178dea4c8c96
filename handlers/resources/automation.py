"""Tasks of a job, who fits them, and the programs that work on them."""

from typing import Annotated

from msgspec import Meta

from handlers.resources import machines
from handlers.resources.shared_fields import (
    CREATED,
    EQUAL,
    KEY,
    OWN,
    RANGE,
    STAFF,
    STAMPS,
    child_of,
    mine,
    whose,
)
from storage.resources.kinds import (
    BOOL,
    ID,
    INT,
    LIST,
    OBJECT,
    SCORE,
    TIME,
    Kind,
    integer,
    line,
    one_of,
    text,
)
from storage.resources.resource import Expansion, Field, Resource, Who
from storage.resources.rule import IS_STAFF, ME, where

_COST = Kind(
    Annotated[str, Meta(pattern=r"^\d{1,10}\.\d{4}\Z", description="a cost such as 0.1200",
                        examples=["0.1200"])],
    "numeric(14,4)", "{}::text", is_leakproof=False,
)  # fmt: skip
_OF_TASK = {Who.COUNTERPARTY: child_of("tasks", "task_id")}

TASKS = Resource(
    path="tasks", noun="task", table="tasks",
    says="A piece of a job, for a person or an agent",
    readers={OWN: mine("client_id"), Who.COUNTERPARTY: mine("assignee_id"), STAFF: IS_STAFF},
    machine=machines.TASK, sorts=("-created_at", "-priority"),
    fields=(
        KEY, Field("job_id", ID, filter=EQUAL), whose("client_id"),
        Field("assignee_id", ID, null=True, filter=EQUAL),
        Field("agent_id", line(50), null=True, filter=EQUAL), Field("title", line(200)),
        Field("task_type", line(100), null=True), Field("description", text(20_000)),
        Field("requirements", OBJECT), Field("required_skills", LIST),
        Field("priority", integer(1, 10), filter=RANGE),
        Field("estimated_hours", INT, null=True),
        Field("estimated_duration_minutes", INT, null=True),
        Field("actual_duration_minutes", INT, null=True),
        Field("completion_percentage", INT), Field("output", OBJECT, null=True),
        Field("quality_score", SCORE, null=True), Field("retry_count", INT),
        Field("status", one_of(*sorted(machines.TASK.states)), filter=EQUAL),
        Field("assigned_at", TIME, null=True), Field("completed_at", TIME, null=True),
        *STAMPS,
    ),
    expansions=(Expansion("job", "jobs", "job_id", "id"),
                Expansion("matches", "task-matches", "id", "task_id", many=True)),
)  # fmt: skip

TASK_MATCHES = Resource(
    path="task-matches", noun="match", table="task_matches",
    says="How well somebody fits a task, to those who see the task and to the person",
    readers={OWN: mine("user_id"), Who.COUNTERPARTY: child_of("tasks", "task_id")},
    sorts=("-created_at", "-match_score"),
    fields=(KEY, Field("task_id", ID, filter=EQUAL), whose("user_id"),
            Field("match_score", SCORE), Field("vector_score", SCORE),
            Field("graph_score", SCORE), Field("availability_score", SCORE), CREATED),
)  # fmt: skip

DEPENDENCIES = Resource(
    path="task-dependencies", noun="dependency", table="task_dependencies",
    says="A task that waits for another",
    readers=_OF_TASK, sorts=("id",),
    fields=(KEY, Field("task_id", ID, filter=EQUAL), Field("depends_on_id", ID, filter=EQUAL)),
)  # fmt: skip

AGENTS = Resource(
    path="agents", noun="agent", table="agents",
    says="A program that takes tasks",
    public=where("is_active"), readers={STAFF: IS_STAFF},
    fields=(Field("id", line(50)), Field("name", line(100)), Field("kind", line(50), filter=EQUAL),
            Field("description", text(5000), null=True), Field("is_active", BOOL), CREATED),
)  # fmt: skip

AGENT_RUNS = Resource(
    path="agent-runs", noun="run", table="agent_runs",
    says="What a program did for a task, to who sees the task",
    readers=_OF_TASK,
    fields=(
        KEY, Field("agent_id", line(50), filter=EQUAL),
        Field("task_id", ID, null=True, filter=EQUAL),
        Field("execution_time_seconds", INT, null=True), Field("quality_score", SCORE, null=True),
        Field("user_feedback_score", SCORE, null=True), Field("retry_required", BOOL),
        Field("error_message", text(5000), null=True), Field("tokens_used", INT, null=True),
        Field("cost", _COST, null=True), CREATED,
    ),
    expansions=(Expansion("agent", "agents", "agent_id", "id"),),
)  # fmt: skip

ANALYSES = Resource(
    path="ai-analyses", noun="analysis", table="ai_analyses",
    says="What was found out about a job or a person, to its client, the person and staff",
    readers={
        OWN: mine("user_id") | child_of("jobs", "job_id", f"p.client_id = {ME}"),
        STAFF: IS_STAFF,
    },
    machine=machines.ANALYSIS,
    fields=(
        KEY, Field("kind", one_of("job", "team", "matching", "github", "resume"), filter=EQUAL),
        Field("job_id", ID, null=True, filter=EQUAL), Field("user_id", ID, null=True, filter=EQUAL),
        Field("result", OBJECT), Field("provider", line(50), null=True),
        Field("error", text(5000), null=True),
        Field("status", one_of(*sorted(machines.ANALYSIS.states)), filter=EQUAL), *STAMPS,
    ),
)  # fmt: skip

AUTOMATION = (TASKS, TASK_MATCHES, DEPENDENCIES, AGENTS, AGENT_RUNS, ANALYSES)
