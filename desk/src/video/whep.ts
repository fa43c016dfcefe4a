/** A live picture by WebRTC (WHEP), for the tile that is being steered: half the latency of fragments. */

export interface WhepLink {
  close: () => void;
}

/** ms: without a picture by then, the fragments go on. */
const PATIENCE = 4000;

/** The offer waits for its candidates: the listener answers once. */
const GATHERING = 1000;

/** Shows a camera in a video element; rejects when it cannot, and calls `lost` when it could and no longer can. */
export async function connectWhep(
  address: string,
  token: string,
  video: HTMLVideoElement,
  lost: () => void,
): Promise<WhepLink> {
  if (typeof RTCPeerConnection === "undefined") {
    throw new Error("webrtc");
  }
  const peer = new RTCPeerConnection();
  let place: string | null = null;
  const close = (): void => {
    peer.close();
    video.srcObject = null;
    if (place !== null) {
      void fetch(place, { method: "DELETE" }).catch(() => undefined);
    }
  };
  try {
    const { receiver } = peer.addTransceiver("video", { direction: "recvonly" });
    atOnce(receiver);
    const shown = firstPicture(peer, video);
    shown.catch(() => undefined); // told below, unless something fails before
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    const answer = await fetch(`${address}?ticket=${encodeURIComponent(token)}`, {
      method: "POST",
      headers: { "content-type": "application/sdp" },
      body: peer.localDescription?.sdp ?? "",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.status !== 201) {
      throw new Error(`whep ${answer.status}`);
    }
    const location = answer.headers.get("location");
    place = location === null ? null : new URL(location, address).href;
    await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    await shown;
  } catch (failure) {
    close();
    throw failure;
  }
  peer.addEventListener("connectionstatechange", () => {
    if (peer.connectionState === "failed" || peer.connectionState === "disconnected") {
      close();
      lost();
    }
  });
  return { close };
}

/** No picture waits for a later one: what is steered must be seen now, even if it trembles. */
function atOnce(receiver: RTCRtpReceiver): void {
  const hinted: { jitterBufferTarget?: number | null; playoutDelayHint?: number } = receiver;
  hinted.jitterBufferTarget = 0;
  hinted.playoutDelayHint = 0; // browsers before jitterBufferTarget
}

function firstPicture(peer: RTCPeerConnection, video: HTMLVideoElement): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error("no picture")), PATIENCE);
    peer.addEventListener("track", (event) => {
      video.srcObject = event.streams[0] ?? new MediaStream([event.track]);
      void video.play().catch(() => undefined);
      video.addEventListener(
        "loadeddata",
        () => {
          clearTimeout(timer);
          done();
        },
        { once: true },
      );
    });
  });
}

function gathered(peer: RTCPeerConnection): Promise<void> {
  return new Promise((done) => {
    if (peer.iceGatheringState === "complete") {
      done();
      return;
    }
    setTimeout(done, GATHERING);
    peer.addEventListener("icegatheringstatechange", () => {
      if (peer.iceGatheringState === "complete") {
        done();
      }
    });
  });
}
