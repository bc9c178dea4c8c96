// What a person does on `/docs`: `node use_page.mjs ADDRESS`. The page runs as it is served.
import assert from "node:assert/strict";
import { JSDOM, VirtualConsole } from "jsdom";

const address = process.argv[2];
const PATHS = ["/v1/auth/register", "/v1/me", "/v1/gigs", "/v1/jobs", "/v1/job-skills"];
const failures = [];
const virtualConsole = new VirtualConsole();
virtualConsole.on("jsdomError", (error) => failures.push(error.message));
/** The document with a few of its paths: all of them would take this DOM a minute. */
function few(whole) {
  const paths = Object.fromEntries(PATHS.map((path) => [path, whole.paths[path]]));
  return Response.json({ ...whole, paths });
}

const { window } = await JSDOM.fromURL(`${address}/docs`, {
  resources: "usable",
  runScripts: "dangerously",
  pretendToBeVisual: true,
  virtualConsole,
  beforeParse(page) {
    // jsdom has none of its own; Swagger UI takes them from the page.
    Object.assign(page, { fetch, Headers, Request, Response, structuredClone, TextEncoder });
    page.fetch = async (url, options) => {
      const answer = await fetch(new URL(url, address), options);
      return String(url).endsWith("/v1/openapi.json") ? few(await answer.json()) : answer;
    };
  },
});
const { document } = window;

async function until(what, holds) {
  const end = Date.now() + 60_000;
  while (!holds()) {
    assert(Date.now() < end, `${what}: ${failures.join("; ") || document.body.textContent}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const shown = () =>
  [...document.querySelectorAll(".opblock-summary-path")].map((e) => e.dataset.path);

await until("areas", () => document.querySelectorAll(".opblock-tag").length > 10);
assert.match(document.body.textContent, /How to log in/);

const field = document.querySelector(".operation-filter-input");
const search = (words) => {
  const value = Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, "value");
  value.set.call(field, words);
  field.dispatchEvent(new window.Event("input", { bubbles: true }));
};
search("create JOB");
await until("found", () => shown().includes("/v1/jobs"));
assert(!shown().includes("/v1/gigs"));
search("accounts register");
await until("registering", () => shown().join() === "/v1/auth/register");

const { docs } = window;
const authorized = () => docs.getState().getIn(["auth", "authorized", "token", "value"]);
assert.equal(authorized(), undefined);
document.querySelector(".opblock-summary-control").click();
await until("the form", () => document.querySelector(".opblock .execute"));
document.querySelector(".opblock .execute").click();
await until("the answer", () => document.querySelector(".live-responses-table"));
await until("the token", () => typeof authorized() === "string");
window.close();
process.exit(0);
