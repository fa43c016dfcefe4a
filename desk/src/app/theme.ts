import { createTheme, type CSSVariablesResolver } from "@mantine/core";
import { createStore } from "../core/store";
import { t } from "@lingui/core/macro";

export const THEMES = ["nuit", "crepuscule", "jour"] as const;
export type ThemeName = (typeof THEMES)[number];

const KEY = "veilleur.theme";

function remembered(): ThemeName {
  const held = localStorage.getItem(KEY);
  return THEMES.find((name) => name === held) ?? "nuit";
}

export const theme = createStore<ThemeName>(remembered());
document.documentElement.dataset.theme = theme.get();

/** Shows a theme and remembers it on this machine. */
export function showTheme(name: ThemeName): void {
  theme.set(() => name);
  localStorage.setItem(KEY, name);
  document.documentElement.dataset.theme = name;
}

export function nextTheme(): void {
  const at = THEMES.indexOf(theme.get());
  showTheme(THEMES[(at + 1) % THEMES.length] ?? "nuit");
}

export function themeLabel(name: ThemeName): string {
  return { nuit: t`Nuit`, crepuscule: t`Crépuscule`, jour: t`Jour` }[name];
}

/** Mantine's parts take the house's size and colours. */
export const mantineTheme = createTheme({
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--mono)",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  defaultRadius: 5,
  focusRing: "auto",
  respectReducedMotion: true,
});

const shared = {
  "--mantine-color-body": "var(--bg)",
  "--mantine-color-text": "var(--tx)",
  "--mantine-color-dimmed": "var(--dim)",
  "--mantine-color-default": "var(--sunk)",
  "--mantine-color-default-color": "var(--tx)",
  "--mantine-color-default-border": "var(--edge)",
  "--mantine-color-default-hover": "var(--sel)",
  "--mantine-color-placeholder": "var(--faint)",
  "--mantine-color-error": "var(--p1)",
  "--mantine-primary-color-filled": "var(--go)",
  "--mantine-primary-color-filled-hover": "var(--go-edge)",
};

export const mantineVariables: CSSVariablesResolver = () => ({
  variables: shared,
  light: shared,
  dark: shared,
});
