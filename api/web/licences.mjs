// dist.part/ gets LICENCES.txt, the terms of every package that is in the built scripts, and becomes dist/: a build
// that dies leaves no half of a script to be served.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

const locked = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;
const terms = Object.entries(locked)
  .filter(([path, one]) => path && !one.dev && !one.devOptional && !one.optional)
  .map(([path, one]) => {
    const files = readdirSync(path)
      .filter((name) => /^(licen[cs]e|copying|notice)/i.test(name))
      .sort();
    const texts = files.map((name) => readFileSync(`${path}/${name}`, "utf8").trim());
    const { license } = JSON.parse(readFileSync(`${path}/package.json`, "utf8"));
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    return [`${name} ${one.version} (${license ?? one.license ?? "see below"})`, ...texts].join("\n\n");
  });
writeFileSync("dist.part/LICENCES.txt", `${terms.sort().join(`\n\n${"-".repeat(80)}\n\n`)}\n`);
rmSync("dist", { recursive: true, force: true });
renameSync("dist.part", "dist");
