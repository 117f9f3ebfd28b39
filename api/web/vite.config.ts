// src/ -> dist/: the explorer and the query page, each a script of its own name, what they share beside them.
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/web/",
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false, // the pages are written by the server
    chunkSizeWarningLimit: 2000, // the editor of queries is one piece
    rolldownOptions: {
      input: {
        explorer: "src/explorer/main.tsx",
        query: "src/query.ts",
      },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name]-[hash].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"] },
});
