/** The capture bar's field, reachable from anywhere by Ctrl+Espace. */
export const CAPTURE_ID = "capture";

export function focusCapture(): void {
  document.getElementById(CAPTURE_ID)?.focus();
}
