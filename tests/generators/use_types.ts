// What a front end would do with the generated types: `node use_types.ts ADDRESS`.
// `schema.d.ts` is made beside a copy of this file by the test that runs it.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.d.ts";

type Job = components["schemas"]["Job"];
type Problem = components["schemas"]["Problem"];

const baseUrl = process.argv[2];
assert(baseUrl);

async function person(name: string) {
  const anonymous = createClient<paths>({ baseUrl });
  const { data, error } = await anonymous.POST("/v1/auth/register", {
    body: {
      email: `${name}-${crypto.randomUUID()}@example.org`,
      password: "a password of four words",
      display_name: name,
      kind: "both",
    },
  });
  assert(data, error?.detail);
  const headers = { Authorization: `Bearer ${data.access_token}` };
  return { id: data.user.id, api: createClient<paths>({ baseUrl, headers }) };
}

const [ada, ben] = [await person("ada"), await person("ben")];

const gigs = await ada.api.GET("/v1/gigs", {
  params: { query: { sort: "-rating", limit: 1, expand: "packages,freelancer" } },
});
assert(gigs.data);
const gig = gigs.data.data[0];
assert(gig);
const seller: string | undefined = gig.freelancer?.display_name;
const price: string | undefined = gig.packages?.data[0]?.price;
assert.equal(typeof seller, "string");
assert.match(price ?? "", /^\d+\.\d\d$/);
const cursor: string | null = gigs.data.next_cursor;
assert(cursor === null || cursor.length > 0);

const categories = await ada.api.GET("/v1/categories");
const category_id = categories.data?.data[0]?.id;
assert(category_id);
const made = await ada.api.POST("/v1/jobs", {
  body: { title: "Cut my film", description: "All of it", category_id },
});
assert(made.data, made.error?.detail);
const job: Job = made.data;
const path = { key: job.id };
const tag = made.response.headers.get("ETag");
assert(tag);
const body = { title: "Cut all my films" };
const header = { "If-Match": tag };
const changed = await ada.api.PATCH("/v1/jobs/{key}", { params: { path, header }, body });
assert.equal(changed.data?.title, body.title);
const late = await ada.api.PATCH("/v1/jobs/{key}", { params: { path, header }, body });
const problem: Problem | undefined = late.error;
assert.equal(problem?.status, 412);
const mine = await ada.api.GET("/v1/jobs", { params: { query: { client_id: "me" } } });
assert.deepEqual(mine.data?.data.map((one) => one.id), [job.id]);

const opened = await ada.api.POST("/v1/conversations", {
  body: { type: "direct", participant_ids: [ben.id] },
});
assert(opened.data, opened.error?.detail);
const conversation_id = opened.data.conversation.id;
const sent = await ada.api.POST("/v1/conversations/{conversation_id}/messages", {
  params: { path: { conversation_id } },
  body: { client_id: crypto.randomUUID(), content: "Is the first cut ready?" },
});
assert.equal(sent.data?.message.seq, 1);
const history = await ben.api.GET("/v1/conversations/{conversation_id}/messages", {
  params: { path: { conversation_id }, query: { limit: 10 } },
});
assert.deepEqual(history.data?.data.map((message) => message.content), [
  "Is the first cut ready?",
]);

// @ts-expect-error there is no such sort
await ada.api.GET("/v1/gigs", { params: { query: { sort: "-beauty" } } });
