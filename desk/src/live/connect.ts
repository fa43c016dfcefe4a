/** A window's link to the hub: subscribe first, then take the snapshot, so that nothing falls between. */
import { createHub, type FromHub, type ToHub } from "./hub";

export interface Link {
  send: (message: ToHub) => void;
  close: () => void;
}

export function connectHub(receive: (message: FromHub) => void): Link {
  if (typeof SharedWorker === "undefined") {
    const send = createHub(
      (url) => new EventSource(url),
      () => performance.now(),
    ).join({ post: receive });
    return { send, close: () => send({ type: "bye" }) };
  }
  const worker = new SharedWorker(new URL("./worker.ts", import.meta.url), {
    type: "module",
    name: "veilleur",
  });
  worker.port.addEventListener("message", (event: MessageEvent<FromHub>) => receive(event.data));
  worker.port.start();
  const send = (message: ToHub): void => worker.port.postMessage(message);
  const bye = (): void => send({ type: "bye" });
  addEventListener("pagehide", bye);
  return {
    send,
    close: () => {
      removeEventListener("pagehide", bye);
      bye();
    },
  };
}
