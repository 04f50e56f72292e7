// Sends the requests of front ends from a page of another origin, to test CORS in a real browser.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

const USER = { username: "amy", email: "amy@example.com", password: "amy's password" };
const ARTICLE = { title: "Dragons", description: "About dragons", body: "They are large.", tagList: ["dragons"] };

let frontend, origin, browser;

before(async () => {
  // Any free port, like a development server.
  frontend = createServer((_, response) => response.setHeader("Content-Type", "text/html").end("<!doctype html><title>Front end</title>"));
  await once(frontend.listen(0, "127.0.0.1"), "listening");
  origin = `http://localhost:${frontend.address().port}`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  frontend.close();
});

/** Sends a request from within the page. Returns null if the browser blocks the response. */
async function send(page, method, url, { token, body } = {}) {
  return page.evaluate(
    async ([method, url, token, body]) => {
      // The Content-Type is that of an existing front end.
      const headers = { "Content-Type": "application/json, application/json", ...(token && { Authorization: `Token ${token}` }) };
      try {
        const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
        const json = response.status === 204 ? null : await response.json();
        return { status: response.status, json, id: response.headers.get("X-Request-Id") };
      } catch {
        return null;
      }
    },
    [method, url, token, body],
  );
}

test("in development, a page of any port registers, publishes, reads and deletes", async () => {
  const server = await serve();
  try {
    const page = await browser.context.newPage();
    await page.goto(origin);
    const request = (method, path, more) => send(page, method, `${server.base}/api${path}`, more);

    const registered = await request("POST", "/users", { body: { user: USER } });
    assert.equal(registered.status, 201);
    const { token } = registered.json.user;
    assert.equal((await request("GET", "/user", { token })).json.user.username, "amy");
    const published = await request("POST", "/articles", { token, body: { article: ARTICLE } });
    assert.equal(published.status, 201);
    const path = `/articles/${published.json.article.slug}`;
    assert.equal((await request("PUT", path, { token, body: { article: { body: "They are very large." } } })).status, 200);
    assert.equal((await request("POST", `${path}/favorite`, { token })).json.article.favorited, true);
    assert.equal((await request("GET", "/articles?tag=dragons")).json.articlesCount, 1);
    assert.equal((await request("DELETE", path, { token })).status, 204);

    const rejected = await request("POST", "/users", { body: { user: USER } });
    assert.deepEqual([rejected.status, Object.keys(rejected.json.errors)], [409, ["username", "email"]]);
    assert.ok(rejected.id, "the page reads the request's id");
  } finally {
    await server.stop();
  }
});

test("in production, only pages of allowed origins read responses", async () => {
  const settings = { CONDUIT_PROFILE: "prod", JWT_SECRET: "0123456789abcdef0123456789abcdef", MIGRATE_ON_START: "true" };
  for (const [allowed, isReadable] of [["https://elsewhere.example", false], [origin, true]]) {
    const server = await serve({ ...settings, CORS_ALLOWED_ORIGINS: allowed });
    try {
      const page = await browser.context.newPage();
      await page.goto(origin);
      const response = await send(page, "GET", `${server.base}/api/tags`);
      assert.equal(response?.status === 200, isReadable, `${origin} where ${allowed} is allowed`);
    } finally {
      await server.stop();
    }
  }
});
