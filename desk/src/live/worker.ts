/** The SharedWorker: one hub for every window. */
import { createHub, type FromHub, type ToHub } from "./hub";

const hub = createHub(
  (url) => new EventSource(url),
  () => performance.now(),
);

addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0];
  if (!port) {
    return;
  }
  const receive = hub.join({ post: (message: FromHub) => port.postMessage(message) });
  port.addEventListener("message", (sent: MessageEvent<ToHub>) => receive(sent.data));
  port.start();
});
