import { defineConfig } from "@lingui/conf";
import { formatter } from "@lingui/format-po";

/** Several catalogues so that several people can work at once; `LINGUI_LOCALES` lets the check write elsewhere. */
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
      path: `${folder}/{locale}/wall`,
      include: ["features/wall", "features/event", "features/patrol", "video"].map(
        (at) => `<rootDir>/src/${at}`,
      ),
      exclude: ["**/*.test.ts", "**/*.test.tsx"],
    },
    {
      path: `${folder}/{locale}/recorded`,
      include: ["playback", "images", "cameras"].map((part) => `<rootDir>/src/features/${part}`),
      exclude: ["**/*.test.ts", "**/*.test.tsx"],
    },
    {
      path: `${folder}/{locale}/desk`,
      include: ["<rootDir>/src"],
      exclude: [
        "**/src/features/{dossier,wall,event,patrol,playback,images,cameras}/**",
        "**/src/video/**",
        "**/*.test.ts",
        "**/*.test.tsx",
      ],
    },
  ],
  format: formatter({ lineNumbers: false, origins: false }),
});
