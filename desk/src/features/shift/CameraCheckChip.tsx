import { Trans, useLingui } from "@lingui/react/macro";
import { hourMinute } from "../../core/time";
import type { DeskContext } from "../shell/context";
import shell from "../shell/shell.module.css";
import { useCameraCheck } from "./checkActs";

/** ms: it is only a reminder. */
const SELDOM = 30_000;

/** The test of cameras is to be signed: from taking a post that has cameras until it is. */
export function CameraCheckChip({ context }: { context: DeskContext }) {
  const { t } = useLingui();
  const check = useCameraCheck(context.me, SELDOM).data;
  if (check === undefined || check.signed_at !== null || check.cameras.length === 0) {
    return null;
  }
  return (
    <button
      type="button"
      className={`${shell.gauge} ${check.late ? "late" : ""}`}
      onClick={() => context.go("/essai-cameras")}
      title={t`Essai des caméras à signer avant ${hourMinute(check.due_at, context.me.centre.timezone)}`}
    >
      <Trans>essai caméras</Trans>
    </button>
  );
}
