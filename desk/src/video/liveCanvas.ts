/** Live pictures as JPEGs on a canvas: for browsers that play neither the camera's codec nor H.264. */
import type { Sink } from "./mse";

export class CanvasSink implements Sink {
  private busy = false;
  private newest: Uint8Array<ArrayBuffer> | null = null;
  private closed = false;

  constructor(private readonly canvas: HTMLCanvasElement) {}

  init(): void {
    // A JPEG stands alone.
  }

  /** Draws the newest; those that come while one is being drawn are skipped. */
  fragment(bytes: Uint8Array<ArrayBuffer>): void {
    this.newest = bytes;
    if (!this.busy) {
      void this.draw();
    }
  }

  close(): void {
    this.closed = true;
    this.canvas.getContext("2d")?.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  private async draw(): Promise<void> {
    const bytes = this.newest;
    this.newest = null;
    if (bytes === null || this.closed) {
      return;
    }
    this.busy = true;
    try {
      const picture = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
      if (!this.closed) {
        this.canvas.width = picture.width;
        this.canvas.height = picture.height;
        this.canvas.getContext("2d")?.drawImage(picture, 0, 0);
      }
      picture.close();
    } catch {
      // One bad picture: the next one is tried.
    }
    this.busy = false;
    void this.draw();
  }
}
