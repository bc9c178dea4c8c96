"""A chat server on Django Channels, as its documentation would have one written.

- an `AsyncJsonWebsocketConsumer`, a conversation a group of the channel layer:
  https://channels.readthedocs.io/en/stable/tutorial/part_3.html
- who connects is let in by an authentication of its own, a JSON Web Token:
  https://channels.readthedocs.io/en/stable/topics/authentication.html#custom-authentication
- the ORM within `database_sync_to_async`, in one call a message, to change threads once:
  https://channels.readthedocs.io/en/stable/topics/databases.html
- psycopg's pool instead of persistent connections, as Django wants it under ASGI:
  https://docs.djangoproject.com/en/5.2/ref/databases/#connection-pool
- the Redis channel layer: https://channels.readthedocs.io/en/stable/topics/channel_layers.html

A message is checked and stored; then it is acknowledged and sent to the others in its group.
"""
