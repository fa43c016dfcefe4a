/** Reads the test of cameras and signs it; a refusal is told, and the list read again: cameras change meanwhile. */
import { t } from "@lingui/core/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import { failureText } from "../../app/i18n";
import { can } from "../../app/session";
import type { Me } from "../../core/views";
import { tell } from "../shell/ui";
import { bodyOf, type CameraCheck, type CheckedCamera, type Ticks } from "./cameraCheck";

const KEY = ["camera-check"] as const;
/** ms: the list is looked at while one ticks. */
const AFRESH = 5000;

/** The list of the post one holds. `every`: ms between two readings. */
export const useCameraCheck = (me: Me, every: number = AFRESH) =>
  useQuery({
    queryKey: [...KEY, me.post?.id ?? 0],
    queryFn: () => api.get<CameraCheck>("/api/camera-check"),
    enabled: me.post !== null && can(me, "camera_check.make"),
    refetchInterval: every,
  });

/** Signs; `done` when it is entered. */
export function useSigning(done: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ cameras, ticks }: { cameras: readonly CheckedCamera[]; ticks: Ticks }) =>
      api.post<CameraCheck>("/api/camera-check", bodyOf(cameras, ticks)),
    onSuccess: (check) => {
      client.setQueryData([...KEY, check.post.id], check);
      tell(t`Essai des caméras signé`);
      done();
    },
    onError: (failure) => {
      tell(failureText(failure), "bad");
      void client.invalidateQueries({ queryKey: KEY });
    },
  });
}
