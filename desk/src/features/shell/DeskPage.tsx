import { useParams } from "@tanstack/react-router";
import { useSyncExternalStore } from "react";
import { can, useMe } from "../../app/session";
import { TakingPost } from "../login/TakingPost";
import { Desk } from "./Desk";
import { setUi, ui } from "./ui";

/** The main window: prise de poste first, then the desk. An address of a dossier or a site is read without a post. */
export function DeskPage() {
  const me = useMe();
  const reading = useSyncExternalStore(ui.subscribe, () => ui.get().reading);
  const named: { id?: string; siteId?: string } = useParams({ strict: false });
  const addressed = named.id !== undefined || named.siteId !== undefined;
  const seated = me.post !== null || !can(me, "post.take");
  return seated || reading || addressed ? <Desk /> : <TakingPost onSkip={() => setUi({ reading: true })} />;
}
