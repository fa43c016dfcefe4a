import { Trans } from "@lingui/react/macro";
import { Component, type ReactNode } from "react";
import { Button } from "./Button";
import { Empty } from "./parts";

interface Props {
  /** Another value clears the fault: another dossier, another page. */
  of: unknown;
  children: ReactNode;
}

/** A fault in one pane never takes the queue, the clock or the ringing with it. */
export class Guard extends Component<Props, { fault: boolean }> {
  override state = { fault: false };

  static getDerivedStateFromError(): { fault: boolean } {
    return { fault: true };
  }

  override componentDidUpdate(before: Props): void {
    if (before.of !== this.props.of && this.state.fault) {
      this.setState({ fault: false });
    }
  }

  override render(): ReactNode {
    if (!this.state.fault) {
      return this.props.children;
    }
    return (
      <Empty title={<Trans>Ce volet a rencontré une erreur</Trans>}>
        <p>
          <Trans>
            Les alarmes continuent d’arriver et de sonner. Rouvrez le volet, ou rechargez la page.
          </Trans>
        </p>
        <p>
          <Button onClick={() => this.setState({ fault: false })}>
            <Trans>Rouvrir</Trans>
          </Button>{" "}
          <Button onClick={() => location.reload()}>
            <Trans>Recharger</Trans>
          </Button>
        </p>
      </Empty>
    );
  }
}
