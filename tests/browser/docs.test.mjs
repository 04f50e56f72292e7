// The documentation as a front-end developer meets it, in a real browser: open it, register, publish, see it.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

let server, browser, page;
let complaints; // what the browser found wrong

before(async () => {
  server = await serve();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(async () => {
  complaints = [];
  page = await browser.context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${server.base}/`) && !request.url().startsWith("data:")) complaints.push(`asks ${request.url()}`);
  });
});

/** The part of the page about one operation, opened. */
async function opened(id) {
  const operation = page.locator(`[id$="-${id}"].opblock`);
  await operation.locator(".opblock-summary-control").click();
  await operation.getByRole("button", { name: "Execute" }).waitFor();
  return operation;
}

/** Sends the request as it stands in the form, and gives the status and the body of the answer. */
async function executed(operation) {
  await operation.getByRole("button", { name: "Execute" }).click();
  const answer = operation.locator(".live-responses-table tbody tr").first();
  const status = await answer.locator(".response-col_status").innerText();
  const body = await answer.locator(".response-col_description pre").first().innerText();
  return { status: Number.parseInt(status), body: JSON.parse(body) };
}

async function register(name) {
  const user = { username: name, email: `${name}@example.com`, password: `${name}'s password` };
  const answer = await fetch(`${server.base}/api/users`, { method: "POST", body: JSON.stringify({ user }) });
  assert.equal(answer.status, 201);
  return (await answer.json()).user;
}

test("whoever comes to the server is led to its documentation", async () => {
  await page.goto(`${server.base}/`);
  assert.equal(page.url(), `${server.base}/docs`);
  await page.getByRole("heading", { name: /^Conduit/ }).waitFor();
  const document = await (await fetch(`${server.base}/api/openapi.json`)).json();
  const operations = Object.values(document.paths).flatMap((path) => Object.keys(path)).length;
  assert.equal(await page.locator(".opblock").count(), operations);
  if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
  assert.deepEqual(complaints, []);
});

test("who registers on the page may publish an article and sees it", async () => {
  await page.goto(`${server.base}/docs`);
  const registration = await executed(await opened("CreateUser")); // the example is as good as any
  assert.equal(registration.status, 201);
  assert.equal(registration.body.user.username, "jake");

  const published = await executed(await opened("CreateArticle"));
  assert.equal(published.status, 201);
  assert.equal(published.body.article.author.username, "jake");

  const reading = await opened("GetArticle");
  await reading.getByPlaceholder("slug").fill(published.body.article.slug);
  const read = await executed(reading);
  assert.equal(read.status, 200);
  assert.equal(read.body.article.title, "How to train your dragon");
  assert.deepEqual(complaints, []);
});

test("a token that is typed into the dialog says who asks", async () => {
  const amy = await register("amy");
  await page.goto(`${server.base}/docs`);
  await page.getByRole("button", { name: "Authorize" }).first().click();
  const dialog = page.locator(".dialog-ux .modal-ux");
  await dialog.getByRole("textbox").fill(`Token ${amy.token}`);
  await dialog.getByRole("button", { name: "Apply credentials" }).click();
  await dialog.getByRole("button", { name: "Remove authorization" }).waitFor();
  await dialog.getByRole("button", { name: "Close" }).last().click();

  const published = await executed(await opened("CreateArticle"));
  assert.equal(published.status, 201);
  assert.equal(published.body.article.author.username, "amy");
  const current = await executed(await opened("GetCurrentUser"));
  assert.equal(current.body.user.email, "amy@example.com");
  assert.deepEqual(complaints, []);
});
