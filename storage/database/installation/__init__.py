"""What Parley needs of a PostgreSQL besides its tables: looked for, made, and acted as."""
