import { defineConfig } from "@lingui/conf";
import { formatter } from "@lingui/format-po";

/** Two catalogues so that two people can work at once; `LINGUI_LOCALES` lets the check write elsewhere. */
const folder = process.env.LINGUI_LOCALES ?? "<rootDir>/src/locales";

export default defineConfig({
  sourceLocale: "fr",
  locales: ["fr", "en"],
  catalogs: [
    {
      path: `${folder}/{locale}/dossier`,
      include: ["<rootDir>/src/features/dossier"],
    },
    {
      path: `${folder}/{locale}/desk`,
      include: ["<rootDir>/src"],
      exclude: ["**/src/features/dossier/**", "**/*.test.ts", "**/*.test.tsx"],
    },
  ],
  format: formatter({ lineNumbers: false, origins: false }),
});
