import { useState } from "react";
import { useMe } from "../../app/session";
import { TakingPost } from "../login/TakingPost";
import { Desk } from "./Desk";

/** The main window: prise de poste first, then the desk. */
export function DeskPage() {
  const me = useMe();
  const [watching, setWatching] = useState(false);
  return me.post === null && !watching ? <TakingPost onSkip={() => setWatching(true)} /> : <Desk />;
}
