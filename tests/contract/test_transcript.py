"""The README's conversation is what two people get from a server today."""

from server.seed import seed
from tests import transcript


async def test_the_readme_says_what_a_server_says(serve, database_url):
    assert await seed(database_url)
    async with serve() as served:
        said = await transcript.record(
            f"http://127.0.0.1:{served.app.http_port}",
            f"ws://127.0.0.1:{served.app.ws_port}/v1/ws",
        )
    assert transcript.alike(said) == transcript.alike(transcript.in_readme()), (
        "run: make transcript"
    )


def test_what_differs_each_time_is_left_out_and_nothing_else():
    one = '{"id":"01a1fbd4-2a5a-731c-b739-807ea78a54dc","at":"1795226353360-0","rev":6}'
    other = one.replace("2a5a", "3b6b").replace("353360", "999999")
    assert transcript.alike(one) == transcript.alike(other)
    assert transcript.alike(one) != transcript.alike(one.replace('"rev":6', '"rev":7'))
    # The same id twice is no two ids.
    assert transcript.alike(one + one) != transcript.alike(one + other)
