/** Cameras by a few letters of their name, place, site or reference; what begins so comes first. */
import { fold } from "../../core/actions";
import type { CameraView } from "../../core/cameras";

export function findCameras(cameras: readonly CameraView[], query: string): CameraView[] {
  const words = fold(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return [...cameras];
  }
  const found = cameras.filter((camera) => {
    const text = fold([camera.name, camera.place ?? "", camera.site.name, camera.reference].join(" "));
    return words.every((word) => text.includes(word));
  });
  const begins = (camera: CameraView): number => (fold(camera.name).startsWith(words.join(" ")) ? 0 : 1);
  return found.sort((a, b) => begins(a) - begins(b));
}
