export function CameraList() {
  return null;
}
