// src/*.ts -> dist/*.js, each whole in one file, and dist/LICENCES.txt: the terms of every package that is in them.
import { build } from "esbuild";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

// Built beside and renamed, so that a build that dies leaves no half of a script to be served.
rmSync("dist.part", { recursive: true, force: true });
mkdirSync("dist.part");
await build({
  entryPoints: ["src/query.ts"],
  outdir: "dist.part",
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none", // LICENCES.txt has them whole
  loader: { ".css": "text" }, // a style sheet of its own would need a looser policy than the page has
  logLevel: "warning",
});

const locked = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;
const terms = Object.entries(locked)
  .filter(([path, one]) => path && !one.dev && !one.devOptional && !one.optional)
  .map(([path, one]) => {
    const files = readdirSync(path).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
    const texts = files.map((name) => readFileSync(`${path}/${name}`, "utf8").trim());
    const { license } = JSON.parse(readFileSync(`${path}/package.json`, "utf8"));
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    return [`${name} ${one.version} (${license ?? one.license ?? "see below"})`, ...texts].join("\n\n");
  });
writeFileSync("dist.part/LICENCES.txt", `${terms.sort().join(`\n\n${"-".repeat(80)}\n\n`)}\n`);

rmSync("dist", { recursive: true, force: true });
renameSync("dist.part", "dist");
