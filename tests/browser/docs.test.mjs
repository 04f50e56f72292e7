// Uses the API documentation in a real browser: opens it, registers, publishes and reads.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

let server, browser, page;
let problems; // warnings, errors and foreign requests

before(async () => {
  server = await serve();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(async () => {
  problems = [];
  page = await browser.context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${server.base}/`) && !request.url().startsWith("data:")) problems.push(`requests ${request.url()}`);
  });
});

/** Expands the section of one operation and returns it. */
async function expand(id) {
  const operation = page.locator(`[id$="-${id}"].opblock`);
  await operation.locator(".opblock-summary-control").click();
  await operation.getByRole("button", { name: "Execute" }).waitFor();
  return operation;
}

/** Sends the request in the form and returns the status and the body of the response. */
async function execute(operation) {
  await operation.getByRole("button", { name: "Execute" }).click();
  const response = operation.locator(".live-responses-table tbody tr").first();
  const status = await response.locator(".response-col_status").innerText();
  const body = await response.locator(".response-col_description pre").first().innerText();
  return { status: Number.parseInt(status), body: JSON.parse(body) };
}

async function register(name) {
  const user = { username: name, email: `${name}@example.com`, password: `${name}'s password` };
  const response = await fetch(`${server.base}/api/users`, { method: "POST", body: JSON.stringify({ user }) });
  assert.equal(response.status, 201);
  return (await response.json()).user;
}

test("the root redirects to the documentation", async () => {
  await page.goto(`${server.base}/`);
  assert.equal(page.url(), `${server.base}/docs`);
  await page.getByRole("heading", { name: /^Conduit/ }).waitFor();
  const document = await (await fetch(`${server.base}/api/openapi.json`)).json();
  const operations = Object.values(document.paths).flatMap((path) => Object.keys(path)).length;
  assert.equal(await page.locator(".opblock").count(), operations);
  if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
  assert.deepEqual(problems, []);
});

test("a user registers on the page, publishes an article and reads it", async () => {
  await page.goto(`${server.base}/docs`);
  const registration = await execute(await expand("CreateUser")); // with the example in the form
  assert.equal(registration.status, 201);
  assert.equal(registration.body.user.username, "jake");

  const published = await execute(await expand("CreateArticle"));
  assert.equal(published.status, 201);
  assert.equal(published.body.article.author.username, "jake");

  const reading = await expand("GetArticle");
  await reading.getByPlaceholder("slug").fill(published.body.article.slug);
  const read = await execute(reading);
  assert.equal(read.status, 200);
  assert.equal(read.body.article.title, "How to train your dragon");
  assert.deepEqual(problems, []);
});

test("a token entered in the dialog authenticates requests", async () => {
  const amy = await register("amy");
  await page.goto(`${server.base}/docs`);
  await page.getByRole("button", { name: "Authorize" }).first().click();
  const dialog = page.locator(".dialog-ux .modal-ux");
  await dialog.getByRole("textbox").fill(`Token ${amy.token}`);
  await dialog.getByRole("button", { name: "Apply credentials" }).click();
  await dialog.getByRole("button", { name: "Remove authorization" }).waitFor();
  await dialog.getByRole("button", { name: "Close" }).last().click();

  const published = await execute(await expand("CreateArticle"));
  assert.equal(published.status, 201);
  assert.equal(published.body.article.author.username, "amy");
  const current = await execute(await expand("GetCurrentUser"));
  assert.equal(current.body.user.email, "amy@example.com");
  assert.deepEqual(problems, []);
});
