import { useEffect, useState } from "react";
import { ApiError } from "../../api/client";
import { LiveViewings } from "../../video/tickets";

/** A picture of a camera now: a viewing like any other, with its motif; ended at once. */
export function useStill(camera: number) {
  const [url, setUrl] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(
    () => () => {
      if (url !== null) {
        URL.revokeObjectURL(url);
      }
    },
    [url],
  );
  const take = async (): Promise<void> => {
    setFailure(null);
    const viewings = new LiveViewings();
    const leave = viewings.show(camera);
    try {
      await viewings.setMotif("maintenance");
      const ticket = await viewings.ticket(camera);
      const at = new URL(ticket.url);
      at.protocol = at.protocol === "wss:" ? "https:" : "http:";
      at.pathname = at.pathname.replace(/\/live$/, "/still");
      at.searchParams.set("ticket", ticket.token);
      const answer = await fetch(at);
      if (!answer.ok) {
        throw new ApiError(answer.status, "unavailable", {});
      }
      setUrl(URL.createObjectURL(await answer.blob()));
    } catch (problem) {
      setFailure(problem instanceof ApiError ? problem : new ApiError(0, "no_answer", {}));
    } finally {
      leave();
      viewings.endAll();
    }
  };
  return { url, failure, take };
}
