/** Keys of playback: one action each, for the keyboard, the command bar and the list of keys. */
import { t } from "@lingui/core/macro";
import type { DeskAction } from "../shell/context";
import { RATES } from "../../video/synchroClock";
import { SECOND } from "../../video/playbackPlan";
import { zoomed } from "../../video/timebarScale";
import { leadOf, markPassage, stepFrame, takeStill } from "./acts";
import { current, type Current } from "./current";
import { turnMask } from "./lifting";

const shown = (): boolean => current.get() !== null;

/** Acts on the consultation that is open. */
const on = (act: (held: Current) => void) => (): void => {
  const held = current.get();
  if (held !== null) {
    act(held);
  }
};

/** The field where a moment is typed. */
export const MOMENT_FIELD = "playback-moment";

const key = (
  id: string,
  keys: string[],
  label: () => string,
  act: (held: Current) => void,
  more: Partial<DeskAction> = {},
): DeskAction => ({
  id: `playback.${id}`,
  label,
  group: t`Relecture`,
  keys,
  scope: "card",
  visible: shown,
  perform: on(act),
  ...more,
});

const jump =
  (by: number) =>
  (held: Current): void => {
    const { synchro } = held.session;
    synchro.seek(synchro.head() + by * SECOND);
  };

function shuttleActions(): DeskAction[] {
  return [
    key(
      "back",
      ["J"],
      () => t`Lire en arrière ; encore : plus vite`,
      ({ session }) => session.synchro.shuttle(-1),
    ),
    key(
      "pause",
      ["K", "Space"],
      () => t`Pause, lecture`,
      ({ session: { synchro } }) => (synchro.clock.get().playing ? synchro.pause() : synchro.play()),
    ),
    key(
      "forward",
      ["L"],
      () => t`Lire ; encore : plus vite`,
      ({ session }) => session.synchro.shuttle(1),
    ),
    key(
      "frame-back",
      [","],
      () => t`Image précédente`,
      ({ session }) => stepFrame(session, -1),
    ),
    key(
      "frame-on",
      [";"],
      () => t`Image suivante`,
      ({ session }) => stepFrame(session, 1),
    ),
    ...RATES.map((rate, n): DeskAction => {
      const digit = (n + 1) % 10;
      const speed = rate < 1 ? `1/${1 / rate}` : String(rate);
      return key(
        `rate.${digit}`,
        [`Digit${digit}`],
        () => t`Vitesse ${speed}×`,
        ({ session: { synchro } }) => synchro.play(Math.sign(synchro.clock.get().rate) * rate),
      );
    }),
  ];
}

function moveActions(): DeskAction[] {
  const wide =
    (factor: number) =>
    (held: Current): void => {
      const { session } = held;
      session.show(zoomed(session.state.get().view, session.synchro.head(), factor));
    };
  return [
    key("left", ["ArrowLeft"], () => t`10 secondes avant`, jump(-10)),
    key("right", ["ArrowRight"], () => t`10 secondes après`, jump(10)),
    key("left-minute", ["Shift+ArrowLeft"], () => t`1 minute avant`, jump(-60)),
    key("right-minute", ["Shift+ArrowRight"], () => t`1 minute après`, jump(60)),
    key(
      "start",
      ["Home"],
      () => t`Début de la période`,
      ({ session }) => session.synchro.seek(session.bounds().from),
    ),
    key(
      "end",
      ["End"],
      () => t`Le plus récent`,
      ({ session }) => session.synchro.seek(session.bounds().to),
    ),
    key("closer", ["+"], () => t`Barre de temps : plus près`, wide(1 / 1.6)),
    key("wider", ["-"], () => t`Barre de temps : plus large`, wide(1.6)),
    key(
      "moment",
      ["T"],
      () => t`Aller à une date, une heure`,
      () => document.getElementById(MOMENT_FIELD)?.focus(),
    ),
  ];
}

function keepActions(): DeskAction[] {
  return [
    key(
      "still",
      ["P"],
      () => t`Photo : enregistrer l’image affichée`,
      ({ session }) => void takeStill(session),
    ),
    key(
      "mark",
      ["R"],
      () => t`Repère : début, puis fin du passage`,
      ({ session }) => void markPassage(session),
    ),
    key(
      "hold",
      ["G"],
      () => t`Geler le passage (gel conservatoire)`,
      ({ hold }) => hold(),
    ),
    key(
      "mask",
      ["Alt+L"],
      () => t`Lever le masque de la caméra devant, ou le remettre`,
      ({ session, lift }) => {
        const lead = leadOf(session);
        if (lead !== null) {
          turnMask(session, lead.camera.id, lift);
        }
      },
      { visible: () => leadMasked() },
    ),
    key(
      "next-camera",
      ["PageDown"],
      () => t`Caméra suivante devant`,
      ({ session }) => turnLead(session, 1),
    ),
    key(
      "previous-camera",
      ["PageUp"],
      () => t`Caméra précédente devant`,
      ({ session }) => turnLead(session, -1),
    ),
  ];
}

const leadMasked = (): boolean => {
  const held = current.get();
  return held !== null && leadOf(held.session)?.masked === true;
};

function turnLead(session: Current["session"], by: 1 | -1): void {
  const { entries, lead } = session.state.get();
  const at = entries.findIndex(({ camera }) => camera.id === lead);
  const next = entries[(at + by + entries.length) % entries.length];
  if (next) {
    session.set({ lead: next.camera.id });
  }
}

export function playbackActions(): DeskAction[] {
  return [
    {
      id: "page.playback",
      label: () => t`Relecture`,
      keywords: () => t`enregistrements vidéo revoir images caméras`,
      group: t`Pages`,
      keys: ["Alt+R"],
      visible: () => true,
      perform: ({ go }) => go("/relecture"),
    },
    {
      id: "page.cameras",
      label: () => t`Caméras`,
      keywords: () => t`masques autorisation défauts ajouter réseau onvif`,
      group: t`Pages`,
      visible: () => true,
      perform: ({ go }) => go("/cameras"),
    },
    ...shuttleActions(),
    ...moveActions(),
    ...keepActions(),
  ];
}
