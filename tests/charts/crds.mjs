// Checks custom resources against the schemas that their projects publish, in two ways:
// - the validators of @kubernetes-models check types, required fields and patterns;
// - TypeScript finds unknown fields, which the API server would drop silently.
//
// Standard input: a JSON array of objects. Standard output: a JSON array of [index, problem].
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const PACKAGES = {
  "argoproj.io": "argo-cd",
  "gateway.networking.k8s.io": "gateway-api",
  "monitoring.coreos.com": "prometheus-operator",
  "postgresql.cnpg.io": "cloudnative-pg",
  "traefik.io": "traefik",
};

const [, , folder] = process.argv; // the folder that contains node_modules
const base = pathToFileURL(`${folder}/`);
const ts = createRequire(base)("typescript");
const objects = JSON.parse(readFileSync(0, "utf8"));
const problems = [];

const lines = [];
for (const [index, object] of objects.entries()) {
  const name = PACKAGES[object.apiVersion.split("/")[0]];
  if (!name) throw new Error(`no package for ${object.apiVersion}`);
  const path = `@kubernetes-models/${name}/${object.apiVersion}`;
  const { [object.kind]: Model } = await import(new URL(`node_modules/${path}/index.js`, base));
  if (!Model) {
    problems.push([index, `${object.apiVersion} has no kind ${object.kind}`]);
    lines.push("");
    continue;
  }
  try {
    new Model(object).validate();
  } catch (error) {
    problems.push([index, error.message]);
  }
  lines.push(`export const o${index}: import("${path}").I${object.kind} = ${JSON.stringify(object)};`);
}

const file = `${folder}/objects.ts`; // in memory only
const options = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, strict: true, noEmit: true, skipLibCheck: true, types: [] };
const host = ts.createCompilerHost(options);
const { readFile, fileExists, getSourceFile } = host;
const source = lines.join("\n");
host.fileExists = (path) => path === file || fileExists(path);
host.readFile = (path) => (path === file ? source : readFile(path));
host.getSourceFile = (path, ...rest) => (path === file ? ts.createSourceFile(path, source, ...rest) : getSourceFile(path, ...rest));
const program = ts.createProgram([file], options, host);
for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
  const line = diagnostic.file?.fileName === file ? diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start).line : -1;
  problems.push([line, ts.flattenDiagnosticMessageText(diagnostic.messageText, " ")]);
}
console.log(JSON.stringify(problems));
