/** Cameras by words: pure. */
import { fold } from "../../core/actions";
import type { CameraView } from "../../core/cameras";

/** Words of a camera, its place, its site or its town, in any order and without accents. */
export function found(cameras: readonly CameraView[], text: string): CameraView[] {
  const words = fold(text).split(/\s+/).filter(Boolean);
  return cameras.filter((camera) => {
    const { name, place, reference, site } = camera;
    const all = fold([name, place, reference, site.name, site.town].filter(Boolean).join(" "));
    return words.every((word) => all.includes(word));
  });
}
