/** The microphone while the key is held: blocks of 20 ms (8 kHz, 16 bits, one channel); nothing is kept of it. */
import worklet from "./microphoneWorklet.js?url";

/** The page is not served over HTTPS, or this machine has no microphone: `insecure` | `absent` | `refused`. */
export class NoMicrophone extends Error {
  constructor(readonly why: "insecure" | "absent" | "refused") {
    super(why);
  }
}

export interface Microphone {
  close: () => void;
}

/** Opens it; throws NoMicrophone. `heard`: 320 bytes each 20 ms. */
export async function openMicrophone(heard: (block: ArrayBuffer) => void): Promise<Microphone> {
  const stream = await captured();
  const context = new AudioContext();
  const close = (): void => {
    stream.getTracks().forEach((track) => track.stop());
    void context.close().catch(() => undefined);
  };
  try {
    await context.audioWorklet.addModule(worklet);
    const node = new AudioWorkletNode(context, "microphone", { numberOfInputs: 1, channelCount: 1 });
    node.port.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => heard(data);
    // Its output is silence: it is connected because browsers run no other.
    context.createMediaStreamSource(stream).connect(node).connect(context.destination);
    await context.resume();
  } catch {
    close();
    throw new NoMicrophone("absent");
  }
  return { close };
}

async function captured(): Promise<MediaStream> {
  // Absent where the page does not come over HTTPS, whatever the types say.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) {
    throw new NoMicrophone("insecure");
  }
  try {
    return await devices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (failure) {
    const denied = failure instanceof DOMException && failure.name === "NotAllowedError";
    throw new NoMicrophone(denied ? "refused" : "absent");
  }
}

/** How loud a block is, from 0 to 1: its peak, so that speech moves a gauge. */
export function loudness(block: ArrayBuffer): number {
  return new Int16Array(block).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) / 32768;
}
