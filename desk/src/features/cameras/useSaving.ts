import { t } from "@lingui/core/macro";
import { useState } from "react";
import { tell } from "../shell/ui";
import { changeFile, type CameraFile } from "./cameraFile";

/** Sends a change of a camera's file; what was refused stays beside its form. */
export function useSaving(file: CameraFile, took: (fresh: CameraFile) => void) {
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const save = async (fields: Record<string, unknown>): Promise<boolean> => {
    setBusy(true);
    setFailure(null);
    try {
      took(await changeFile(file.id, fields));
      tell(t`Fiche enregistrée.`);
      return true;
    } catch (problem) {
      setFailure(problem);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { save, failure, busy };
}
