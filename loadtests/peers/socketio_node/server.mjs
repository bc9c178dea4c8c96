// A chat server on Socket.IO 4 and Node.js, as its documentation would have one written.
//
// - WebSocket only (`transports`), no compression (the default), the native add-ons of ws, and the
//   first HTTP request of each connection discarded: https://socket.io/docs/v4/performance-tuning/
// - who connects is let in by a middleware that verifies a JSON Web Token:
//   https://socket.io/docs/v4/middlewares/#sending-credentials
// - a conversation is a room, joined when a connection comes, after asking the database:
//   https://socket.io/docs/v4/rooms/
// - acknowledgements: https://socket.io/docs/v4/emitting-events/#acknowledgements
// - the sharded Redis adapter on ioredis, so that several processes can serve one room:
//   https://socket.io/docs/v4/redis-adapter/ recommends both; ioredis with its autopipelining:
//   https://github.com/redis/ioredis#autopipelining
// - a pool and a named, hence prepared, statement: https://node-postgres.com/features/queries
//
// A message is checked and stored by one statement, which commits; then it is acknowledged and sent
// to the others in its room.

import { createServer } from "node:http";
import { createShardedAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import jwt from "jsonwebtoken";
import pg from "pg";
import { Server } from "socket.io";

const { DATABASE_URL, REDIS_URL, JWT_SECRET, PORT } = process.env;
const LONGEST = 4000;

const STORE = {
  name: "store-message",
  text: `
    insert into messages (conversation_id, sender_id, content)
    select $1, $2, $3
    where exists (select from members where conversation_id = $1 and user_id = $2)
    returning id, created_at`,
};
const ROOMS = {
  name: "rooms-of-user",
  text: "select conversation_id from members where user_id = $1",
};

const pool = new pg.Pool({ connectionString: DATABASE_URL });
const publisher = new Redis(REDIS_URL, { enableAutoPipelining: true });
const subscriber = publisher.duplicate();

const httpServer = createServer();
const io = new Server(httpServer, {
  transports: ["websocket"],
  adapter: createShardedAdapter(publisher, subscriber),
});

io.engine.on("connection", (connection) => {
  connection.request = null;
});

io.use((socket, next) => {
  try {
    socket.data.userId = jwt.verify(socket.handshake.auth.token, JWT_SECRET, {
      algorithms: ["HS256"],
    }).sub;
    next();
  } catch {
    next(new Error("unauthorized"));
  }
});

io.on("connection", async (socket) => {
  const userId = socket.data.userId;

  socket.on("message", async (sent, acknowledge) => {
    const { conversation_id, content } = sent ?? {};
    if (typeof content !== "string" || content.length > LONGEST) {
      return acknowledge({ error: "invalid" });
    }
    try {
      const { rows } = await pool.query({ ...STORE, values: [conversation_id, userId, content] });
      if (rows.length === 0) {
        return acknowledge({ error: "forbidden" });
      }
      const message = {
        id: Number(rows[0].id),
        conversation_id,
        sender_id: userId,
        content,
        created_at: rows[0].created_at,
      };
      acknowledge({ message });
      socket.to(conversation_id).emit("message", message);
    } catch (error) {
      console.error(error);
      acknowledge({ error: "internal" });
    }
  });

  try {
    const { rows } = await pool.query({ ...ROOMS, values: [userId] });
    socket.join(rows.map((row) => row.conversation_id));
    socket.emit("ready", { user_id: userId });
  } catch (error) {
    console.error(error);
    socket.disconnect(true);
  }
});

httpServer.listen(Number(PORT), "127.0.0.1");
