// Runs the program as a child process, on free ports and in a temporary folder.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PROGRAM = resolve(process.env.CONDUIT_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug/conduit"));

/** Starts a server and returns its base URL and a function that stops it. */
export async function serve(settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), "conduit-browser."));
  const env = { PORT: "0", METRICS_PORT: "0", LOG_FORMAT: "json", ...settings };
  const child = spawn(PROGRAM, ["serve"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  const stop = async () => {
    if (child.exitCode === null && child.kill("SIGTERM")) await once(child, "exit");
    await rm(folder, { recursive: true });
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const event = line.startsWith("{") ? JSON.parse(line) : {};
    if (event.message === "listening") {
      child.stdout.resume(); // drains later output, so that it cannot block
      return { base: event.api.replace(/\/api$/, ""), stop };
    }
  }
  await stop();
  throw new Error("the server did not start");
}
