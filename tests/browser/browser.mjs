// Starts a browser with an empty profile, one for each test file. scripts/browser sets CHROMIUM and
// installs the library that drives the browser.
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TOOLS = fileURLToPath(new URL("../../target/tools/playwright/node_modules/", import.meta.url));
const { chromium } = createRequire(TOOLS)("playwright-core");
const QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const DEADLINE = 30_000;

/** Starts a browser and returns its context and a function that closes it. */
export async function launch() {
  const profile = await mkdtemp(join(tmpdir(), "conduit-chromium."));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-dev-shm-usage", ...QUIET],
    viewport: { width: 1280, height: 1000 },
  });
  context.setDefaultTimeout(DEADLINE);
  const close = async () => {
    await context.close();
    await rm(profile, { recursive: true });
  };
  return { context, close };
}
