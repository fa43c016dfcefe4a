/** What a hand does in a consultation: still, repère, frame by frame. */
import { t } from "@lingui/core/macro";
import { api } from "../../api/client";
import { failureText, zone } from "../../app/i18n";
import { tell } from "../shell/ui";
import { SECOND } from "../../video/playbackPlan";
import { isoOf, wallText } from "./instant";
import { makeMark } from "./marks";
import type { PlaybackSession } from "./session";
import type { Entry } from "./sessionState";

/** Wall µs of a frame when its rhythm is not known: 25 a second. */
const FRAME = SECOND / 25;

export function leadOf(session: PlaybackSession): Entry | null {
  const { entries, lead } = session.state.get();
  return entries.find(({ camera }) => camera.id === lead) ?? entries[0] ?? null;
}

/** One frame further, of the camera in front; the others follow the clock. */
export function stepFrame(session: PlaybackSession, by: 1 | -1): void {
  const { synchro } = session;
  synchro.pause();
  const head = synchro.head();
  const beside = leadOf(session)?.player.frameBeside(head, by) ?? null;
  synchro.seek(beside ?? head + by * FRAME);
}

async function digestOf(jpeg: Blob): Promise<string | null> {
  // Web cryptography exists only in a secure context: without it the trace names the picture by its hour.
  if (!("subtle" in crypto)) {
    return null;
  }
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await jpeg.arrayBuffer()));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Saves the frame in front as a JPEG, and enters it in the main courante with its hash. */
export async function takeStill(session: PlaybackSession): Promise<void> {
  const lead = leadOf(session);
  if (lead === null) {
    return;
  }
  try {
    const still = await lead.player.still(lead.player.shown.get().wall ?? session.synchro.head());
    if (still === null) {
      tell(t`Aucune image à cet instant.`, "bad");
      return;
    }
    const at = wallText(still.wall, zone.get());
    const digest = await digestOf(still.jpeg);
    const named = lead.camera.name;
    const text =
      digest === null
        ? t`Photo enregistrée : ${named}, image du ${at}.`
        : t`Photo enregistrée : ${named}, image du ${at}, SHA-256 ${digest}.`;
    const { incident } = session.wanted;
    await api.post("/api/logbook", {
      text,
      age_ms: 0,
      ...(incident === null ? {} : { incident_id: incident }),
    });
    save(still.jpeg, `${lead.camera.reference}_${isoOf(still.wall).replaceAll(":", "-")}.jpg`);
    tell(t`Photo enregistrée et tracée : ${named}, ${at}`);
  } catch (failure) {
    tell(failureText(failure), "bad");
  }
}

function save(jpeg: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(jpeg);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** R: the passage begins; R again: it ends, and is kept for every camera that is shown. */
export async function markPassage(session: PlaybackSession): Promise<void> {
  const { begun, entries } = session.state.get();
  const head = session.synchro.head();
  if (begun === null) {
    session.set({ begun: head });
    tell(t`Repère commencé. R à la fin du passage, Échap pour y renoncer.`);
    return;
  }
  const [from, until] = [Math.min(begun, head), Math.max(begun, head, begun + SECOND)];
  session.set({ begun: null });
  try {
    await Promise.all(
      entries
        .filter(({ camera }) => camera.abilities.includes("mark"))
        .map(({ camera }) => makeMark(camera.id, from, until, null, session.wanted.incident)),
    );
    tell(t`Repère posé.`);
  } catch (failure) {
    tell(failureText(failure), "bad");
  }
  await session.marksAgain();
}
