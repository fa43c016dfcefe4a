import { useLingui } from "@lingui/react/macro";
import { Frame } from "../shell/Frame";
import { CameraList } from "./CameraList";

/** Every camera of this reader: its state, its faults, its file. */
export function CamerasPage() {
  const { t } = useLingui();
  return <Frame page={t`Caméras`}>{() => <CameraList />}</Frame>;
}
