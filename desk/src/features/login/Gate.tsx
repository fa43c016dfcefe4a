import { t } from "@lingui/core/macro";
import { Outlet } from "@tanstack/react-router";
import { useEffect } from "react";
import { MeContext, useMeQuery } from "../../app/session";
import type { Me } from "../../core/views";
import { follow } from "../../live/world";
import { Empty } from "../../ui/parts";
import { startBell } from "../sound/bell";
import { startTelling } from "../shell/overtaken";
import { startWatching } from "../shell/watching";
import { LoginPage } from "./LoginPage";

/** He hears on every page, the wall's too, that a colleague took a dossier of his. */
function useTelling(me: Me | null | undefined): void {
  const id = me?.user.id ?? null;
  const name = me?.user.name ?? "";
  useEffect(() => (id === null ? undefined : startTelling({ id, name })), [id, name]);
}

/** Nobody passes without a session; below it the centre is followed live and rings. */
export function Gate() {
  const me = useMeQuery();
  const user = me.data?.user.id ?? null;
  const onPost = Boolean(me.data?.post);
  const post = me.data?.post?.id ?? null;
  const lead = me.data?.user.roles.includes("lead") ?? false;
  const token = me.data?.csrf ?? "";

  useEffect(() => (user === null ? undefined : follow(`${user}:${token}`)), [user, token]);
  useEffect(() => (user === null ? undefined : startBell(() => ({ me: user, onPost }))), [user, onPost]);
  useEffect(() => (user === null ? undefined : startWatching({ post, lead })), [user, post, lead]);
  useTelling(me.data);

  if (me.data === undefined) {
    return (
      <Empty title={me.failureCount > 0 ? t`Le serveur ne répond pas` : t`Connexion au centre…`}>
        {me.failureCount > 0 ? t`Nouvel essai dans un instant.` : null}
      </Empty>
    );
  }
  if (me.data === null) {
    return <LoginPage />;
  }
  return (
    <MeContext.Provider value={me.data}>
      <Outlet />
    </MeContext.Provider>
  );
}
