import { useLingui } from "@lingui/react/macro";
import { fieldText } from "../dossier/words";
import { readable, type FrameView } from "./frames";
import classes from "./monitor.module.css";

/** A frame opened: what it carried beside its events, in words, then its bytes. A stranger's text: no link. */
export function FrameDetail({ frame }: { frame: FrameView }) {
  const { t } = useLingui();
  return (
    <>
      {frame.details.length === 0 ? null : (
        <dl className={classes.fields} aria-label={t`Données jointes`}>
          {frame.details.map(({ code, value }, place) => (
            <div key={place}>
              <dt>
                {fieldText(code)}
                {code === "position" ? null : <span className="faint"> ({code})</span>}
              </dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      )}
      <pre className={classes.raw}>{readable(frame.raw)}</pre>
    </>
  );
}
