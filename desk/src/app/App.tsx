import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useSyncExternalStore } from "react";
import { onRefused } from "../api/client";
import { language } from "./i18n";
import { router } from "./router";
import { askWhoIsHere } from "./session";
import { mantineTheme, mantineVariables, theme } from "./theme";

const queries = new QueryClient({
  defaultOptions: { queries: { refetchOnWindowFocus: false, staleTime: 1000 }, mutations: { retry: false } },
});

// A session that is gone shows the login; drafts and layout stay in this browser.
onRefused(() => void askWhoIsHere(queries));

/** The nonce that the server put in this page (strict CSP). */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
}

export function App() {
  const shownTheme = useSyncExternalStore(theme.subscribe, theme.get);
  const spoken = useSyncExternalStore(language.subscribe, language.get);
  const scheme = shownTheme === "jour" ? "light" : "dark";
  return (
    <MantineProvider
      theme={mantineTheme}
      cssVariablesResolver={mantineVariables}
      forceColorScheme={scheme}
      getStyleNonce={nonce}
    >
      <QueryClientProvider client={queries}>
        <I18nProvider i18n={i18n} key={spoken}>
          <RouterProvider router={router} />
        </I18nProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
