/** WebRTC for the tile that is steered; the fragments go on below it, and are seen again when it fails. */
import { useEffect, useState, type RefObject } from "react";
import type { LiveViewings } from "./tickets";
import { connectWhep, type WhepLink } from "./whep";

/** Whether the WebRTC picture is the one to show. */
export function useWhep(
  camera: number,
  viewings: LiveViewings,
  video: RefObject<HTMLVideoElement | null>,
  wanted: boolean,
): boolean {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!wanted) {
      return undefined;
    }
    let link: WhepLink | null = null;
    let over = false;
    const open = async (): Promise<void> => {
      const ticket = await viewings.ticket(camera);
      if (over || ticket.whep === null || video.current === null) {
        return;
      }
      const made = await connectWhep(ticket.whep, ticket.token, video.current, () => setShown(false));
      if (over) {
        made.close();
        return;
      }
      link = made;
      setShown(true);
    };
    // Without it the tile shows what it already shows.
    open().catch(() => undefined);
    return () => {
      over = true;
      link?.close();
      setShown(false);
    };
  }, [camera, viewings, video, wanted]);
  return shown && wanted;
}
