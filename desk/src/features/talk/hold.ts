/** The key that is held down to speak: Alt+V, from anywhere, in a field too; released when any of the two goes up. */
import { useEffect, useRef } from "react";
import { stopSpeaking, voice } from "../../video/talk";
import { talker } from "./talker";

export function useTalkKey(may: boolean, press: () => void): void {
  const held = useRef(press);
  useEffect(() => {
    held.current = press;
  });
  useEffect(() => {
    if (!may) {
      return undefined;
    }
    let down = false;
    const pressed = (event: KeyboardEvent): void => {
      if (event.code !== "KeyV" || !event.altKey || event.ctrlKey || event.metaKey) {
        return;
      }
      event.preventDefault(); // a browser's menu, a character of some layouts
      if (!event.repeat && !down) {
        down = true;
        held.current();
      }
    };
    const released = (event: KeyboardEvent): void => {
      if (down && (event.code === "KeyV" || event.key === "Alt")) {
        event.preventDefault(); // Alt alone would open the browser's menu
        away();
      }
    };
    const away = (): void => {
      if (down) {
        down = false;
        stopSpeaking();
      }
    };
    // From the command bar nothing is held: chosen again, it ends.
    const turn = (): void => (voice.get() === null ? held.current() : stopSpeaking());
    talker.set(() => turn);
    addEventListener("keydown", pressed, { capture: true });
    addEventListener("keyup", released, { capture: true });
    addEventListener("blur", away);
    addEventListener("pagehide", stopSpeaking);
    return () => {
      talker.set((current) => (current === turn ? null : current));
      removeEventListener("keydown", pressed, { capture: true });
      removeEventListener("keyup", released, { capture: true });
      removeEventListener("blur", away);
      removeEventListener("pagehide", stopSpeaking);
      away();
    };
  }, [may]);
}
