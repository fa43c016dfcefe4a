/** Orders of the room: taking a dossier over, freeing a post. */
import { t } from "@lingui/core/macro";
import { api } from "../../api/client";
import { failureText } from "../../app/i18n";
import type { IncidentRow, PostView } from "../../core/views";
import { actOn } from "../shell/commands";
import { tell } from "../shell/ui";

export const takeOver = (row: IncidentRow, reason: string): Promise<boolean> =>
  actOn(row, "take-over", { reason });

export async function vacate(post: PostView, reason: string): Promise<boolean> {
  try {
    await api.post(`/api/posts/${post.id}/vacate`, { reason });
    tell(t`${post.name} est libéré`);
    return true;
  } catch (failure) {
    tell(failureText(failure), "bad");
    return false;
  }
}
