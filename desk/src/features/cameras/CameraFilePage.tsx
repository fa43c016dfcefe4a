import { Trans, useLingui } from "@lingui/react/macro";
import { Link, useParams } from "@tanstack/react-router";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { can, useMe } from "../../app/session";
import { Empty, Problem } from "../../ui/parts";
import { Frame } from "../shell/Frame";
import shell from "../shell/shell.module.css";
import { Access } from "./Access";
import { Availability } from "./Availability";
import { State } from "./CameraList";
import { fileKey, readFile, type CameraFile } from "./cameraFile";
import { FactsForm } from "./FactsForm";
import { Faults } from "./Faults";
import { Links } from "./Links";
import { Masks } from "./Masks";
import { Paper } from "./Paper";
import { Presets } from "./Presets";
import { Push } from "./Push";
import { SourceForm } from "./SourceForm";
import { Suspension } from "./Suspension";
import { formatOf, regimeWord } from "./words";
import classes from "./cameras.module.css";

/** ms: its state and faults move without an entry of the reader's. */
const AFRESH = 15_000;

/** All of a camera: what it is, what the law says of it, what is wrong with it. */
export function CameraFilePage() {
  const { t } = useLingui();
  const { id } = useParams({ strict: false });
  const known = /^\d{1,15}$/.test(id ?? "");
  return (
    <Frame page={t`Fiche caméra`}>{() => (known ? <File key={id} id={Number(id)} /> : <Absent />)}</Frame>
  );
}

/** An address that names no camera. */
function Absent() {
  return (
    <main className={shell.page}>
      <Empty title={<Trans>Cette caméra n’existe pas</Trans>}>
        <p className={classes.back}>
          <Link to="/cameras">
            <Trans>← Toutes les caméras</Trans>
          </Link>
        </p>
      </Empty>
    </main>
  );
}

export interface Part {
  file: CameraFile;
  /** The reader may change it. */
  may: boolean;
  /** Takes in the file as the server answered it, or asks for it again. */
  took: (fresh?: CameraFile) => void;
}

function File({ id }: { id: number }) {
  const client = useQueryClient();
  const zone = useMe().centre.timezone;
  const query = useQuery({ queryKey: fileKey(id), queryFn: () => readFile(id), refetchInterval: AFRESH });
  if (!query.data) {
    return <main className={shell.page}>{query.error ? <Problem of={query.error} /> : null}</main>;
  }
  const file = query.data;
  const took = (fresh?: CameraFile): void => {
    if (fresh) {
      client.setQueryData(fileKey(id), fresh);
    } else {
      void client.invalidateQueries({ queryKey: fileKey(id) });
    }
  };
  const part: Part = { file, may: can(file, "edit"), took };
  return (
    <main className={shell.page}>
      <p className={classes.back}>
        <Link to="/cameras">
          <Trans>← Toutes les caméras</Trans>
        </Link>
      </p>
      <header className={classes.head}>
        <h1>{file.name}</h1>
        <State camera={file} />
        <span className="dim">
          {file.reference} · {file.site.name} · {regimeWord(file.regime)} · {formatOf(file)}
        </span>
      </header>
      <div className={classes.sheet}>
        <FactsForm key={`facts.${file.version}`} {...part} />
        <SourceForm key={`source.${file.version}`} {...part} />
        <Paper file={file} />
        <Access key={`access.${file.version}`} {...part} />
        <Masks key={`masks.${file.version}`} {...part} zone={zone} />
        <Presets {...part} />
        <Push {...part} />
        <Links key={`links.${file.version}`} {...part} />
        <Faults file={file} zone={zone} />
        <Availability camera={file.id} />
        <Suspension {...part} />
      </div>
    </main>
  );
}
