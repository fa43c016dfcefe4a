import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mockServer } from "./dev/mock.ts";

/** `VEILLEUR_API=http://host:port` proxies a real desk in development; without it the dev mock answers. */
const api = process.env.VEILLEUR_API;

export default defineConfig(({ command, mode }) => ({
  plugins: [
    react(),
    lingui({ macroTransform: true }),
    ...(command === "serve" && mode !== "test" && !api ? [mockServer()] : []),
  ],
  // The server replaces __NONCE__ in index.html by each response's own nonce (strict CSP).
  html: { cspNonce: "__NONCE__" },
  server: { fs: { allow: [".."] }, proxy: api ? { "/api": { target: api } } : undefined },
  build: {
    outDir: "../src/veilleur/web/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
    rollupOptions: {},
  },
  worker: { format: "es" },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
}));
