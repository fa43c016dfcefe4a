/** Orders of the room: taking a dossier over, freeing a post. Each throws its refusal. */
import { t } from "@lingui/core/macro";
import { api } from "../../api/client";
import type { IncidentRow, PostView } from "../../core/views";
import { sendAct } from "../shell/commands";
import { tell } from "../shell/ui";

export const takeOver = (row: IncidentRow, reason: string): Promise<void> =>
  sendAct(row, "take-over", { reason });

export async function vacate(post: PostView, reason: string): Promise<void> {
  await api.post(`/api/posts/${post.id}/vacate`, { reason });
  tell(t`${post.name} est libéré`);
}
