"""Jobs, and notifications that tell of their changes, stored as the consumers of the outbox do."""

from collections.abc import Sequence
from typing import Any

import orjson

from loadtests.bench.target import database
from loadtests.bench.target.instance import Instance

PEOPLE = 10
"""So many are told of a change of one job."""

_JOBS = """
insert into jobs (client_id, title, description)
select $1::uuid, 'Film of wedding ' || n, 'Five minutes.' from generate_series(1, $2::int) n
returning id
"""
_STORE = "select notify_users($1::jsonb)"


def put(server: Instance, count: int) -> list[str]:
    """So many new jobs of a new client; their ids."""
    (client,) = database.people(server, 1)

    async def put_all(connection: database.Connection) -> list[str]:
        return [str(row[0]) for row in await connection.fetch(_JOBS, client.user_id, count)]

    return database.work(server, put_all)


def change(user_id: str, job_id: str, version: int) -> dict[str, Any]:
    """A notification that tells somebody of a job that has changed."""
    return {
        "user_id": user_id,
        "type": "job.changed",
        "category": "job",
        "priority": "low",
        "data": {
            "resource": "jobs",
            "id": job_id,
            "status": "open",
            "version": version,
            "action": "change",
        },
        "group_key": f"job.changed:{job_id}",
        "subject_type": "jobs",
        "subject_id": job_id,
    }


def written(notifications: Sequence[dict[str, Any]]) -> str:
    """What `store` takes."""
    return orjson.dumps(notifications).decode()


async def store(connection: database.Connection, notifications: str) -> None:
    """Store notifications in one call, with the deliveries that they queue."""
    await connection.execute(_STORE, notifications)
