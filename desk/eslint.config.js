import hooks from "eslint-plugin-react-hooks";
import { globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** Sizes and shapes that a machine refuses (docs: house rule 19). */
export default tseslint.config(
  globalIgnores(["dist", "node_modules", "src/api/schema.d.ts"]),
  ...tseslint.configs.strict,
  hooks.configs.flat["recommended-latest"],
  {
    rules: {
      // The virtualised list opts out of the compiler, which is not used here.
      "react-hooks/incompatible-library": "off",
      "max-lines": ["error", { max: 250 }],
      "max-lines-per-function": ["error", { max: 120 }],
      complexity: ["error", { max: 16 }],
      "no-console": "error",
      "no-await-in-loop": "error",
      curly: "error",
      eqeqeq: "error",
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    files: ["dev/**", "**/*.test.*"],
    rules: { complexity: "off", "max-lines": "off", "max-lines-per-function": "off" },
  },
);
