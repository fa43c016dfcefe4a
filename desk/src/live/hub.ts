/**
 * The one EventSource of a browser, shared by all its windows (browsers allow six connections per host).
 * Lives in a SharedWorker, or in the window itself where there is none. It knows no view: it relays.
 */
import type { Beat, StreamItem } from "../core/views";

export type ToHub =
  /** A window asks for everything after the position of its snapshot, in its session. */
  { type: "start"; after: number; session: string } | { type: "bye" };

export type FromHub =
  | { type: "item"; item: StreamItem }
  | { type: "beat"; beat: Beat }
  | { type: "reset" }
  /** No sign of the server for STALE_AFTER; `since` is the monotonic age in ms of its last sign. */
  | { type: "stale"; silence: number }
  /** The session is gone: log in again. */
  | { type: "refused" };

export interface Port {
  post: (message: FromHub) => void;
}

/** ms. The server beats each second; it must be seen and heard as silent within 5 s. */
export const STALE_AFTER = 3500;
const WATCH_EVERY = 500;
/** ms between attempts. */
const RETRY = 1000;

export interface Hub {
  join: (port: Port) => (message: ToHub) => void;
}

/** `open` makes an EventSource; `now` is the monotonic clock (ms). */
export function createHub(open: (url: string) => EventSource, now: () => number): Hub {
  const ports = new Set<Port>();
  let source: EventSource | null = null;
  let session = "";
  let from = -1;
  let position = -1;
  let heard = now();

  const tell = (message: FromHub): void => ports.forEach((port) => port.post(message));

  const close = (): void => {
    source?.close();
    source = null;
  };

  const connect = (): void => {
    close();
    heard = now();
    const opened = open(`/api/stream?after=${position}`);
    source = opened;
    opened.addEventListener("item", (event) => {
      heard = now();
      const item = JSON.parse((event as MessageEvent<string>).data) as StreamItem;
      position = Math.max(position, item.position);
      tell({ type: "item", item });
    });
    opened.addEventListener("beat", (event) => {
      heard = now();
      tell({ type: "beat", beat: JSON.parse((event as MessageEvent<string>).data) as Beat });
    });
    opened.addEventListener("reset", () => {
      close();
      from = -1;
      position = -1;
      tell({ type: "reset" });
    });
    opened.addEventListener("refused", () => {
      close();
      position = -1;
      from = -1;
      session = "";
      tell({ type: "refused" });
    });
    opened.addEventListener("error", () => {
      if (source === opened) {
        close();
        setTimeout(() => {
          if (source === null && ports.size > 0 && position >= 0) {
            connect();
          }
        }, RETRY);
      }
    });
  };

  const start = (after: number, wanted: string): void => {
    const other = wanted !== session;
    // A window whose snapshot is older than where this stream began lacks what lies between: begin again.
    if (source === null || other || after < from) {
      session = wanted;
      position = other || position < 0 ? after : Math.min(position, after);
      from = position;
      connect();
    }
  };

  setInterval(() => {
    const silence = now() - heard;
    if (ports.size > 0 && silence >= STALE_AFTER) {
      tell({ type: "stale", silence });
      if (source !== null && silence > STALE_AFTER * 3) {
        connect();
        heard = now() - silence;
      }
    }
  }, WATCH_EVERY);

  return {
    join: (port) => {
      ports.add(port);
      return (message) => {
        if (message.type === "start") {
          start(message.after, message.session);
        } else {
          ports.delete(port);
          if (ports.size === 0) {
            close();
            position = -1;
            from = -1;
          }
        }
      };
    },
  };
}
