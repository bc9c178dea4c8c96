"""The same requests as a team would serve them with FastAPI and asyncpg, for comparison."""
