// A page of another origin in a real browser, with the requests that front ends make: what the browser itself makes of CORS.
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
  // Any free port, as development servers take one.
  frontend = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<!doctype html><title>Front end</title>"));
  await once(frontend.listen(0, "127.0.0.1"), "listening");
  origin = `http://localhost:${frontend.address().port}`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  frontend.close();
});

/** Asks from within the page; null where the browser keeps the answer from it. */
async function asked(page, method, url, { token, body } = {}) {
  return page.evaluate(
    async ([method, url, token, body]) => {
      // The type is that of a maintained front end.
      const headers = { "Content-Type": "application/json, application/json", ...(token && { Authorization: `Token ${token}` }) };
      try {
        const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
        const json = answer.status === 204 ? null : await answer.json();
        return { status: answer.status, json, id: answer.headers.get("X-Request-Id") };
      } catch {
        return null;
      }
    },
    [method, url, token, body],
  );
}

test("in development a page of any port may register, publish, read and delete", async () => {
  const server = await serve();
  try {
    const page = await browser.context.newPage();
    await page.goto(origin);
    const ask = (method, path, more) => asked(page, method, `${server.base}/api${path}`, more);

    const registered = await ask("POST", "/users", { body: { user: USER } });
    assert.equal(registered.status, 201);
    const { token } = registered.json.user;
    assert.equal((await ask("GET", "/user", { token })).json.user.username, "amy");
    const published = await ask("POST", "/articles", { token, body: { article: ARTICLE } });
    assert.equal(published.status, 201);
    const path = `/articles/${published.json.article.slug}`;
    assert.equal((await ask("PUT", path, { token, body: { article: { body: "They are very large." } } })).status, 200);
    assert.equal((await ask("POST", `${path}/favorite`, { token })).json.article.favorited, true);
    assert.equal((await ask("GET", "/articles?tag=dragons")).json.articlesCount, 1);
    assert.equal((await ask("DELETE", path, { token })).status, 204);

    const refused = await ask("POST", "/users", { body: { user: USER } });
    assert.deepEqual([refused.status, Object.keys(refused.json.errors)], [409, ["username", "email"]]);
    assert.ok(refused.id, "the page may read the request's id");
  } finally {
    await server.stop();
  }
});

test("in production a page may read if its origin is named", async () => {
  const settings = { CONDUIT_PROFILE: "prod", JWT_SECRET: "0123456789abcdef0123456789abcdef", MIGRATE_ON_START: "true" };
  for (const [allowed, may] of [["https://elsewhere.example", false], [origin, true]]) {
    const server = await serve({ ...settings, CORS_ALLOWED_ORIGINS: allowed });
    try {
      const page = await browser.context.newPage();
      await page.goto(origin);
      const answer = await asked(page, "GET", `${server.base}/api/tags`);
      assert.equal(answer?.status === 200, may, `${origin} where ${allowed} is allowed`);
    } finally {
      await server.stop();
    }
  }
});
