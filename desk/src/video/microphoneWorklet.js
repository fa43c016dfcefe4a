/**
 * The browser's microphone as telephony hears it: 8 kHz, one channel, 16-bit samples, 20 ms at a time.
 * A low-pass before the rate is lowered: what is above 3.6 kHz would come back as a whistle.
 */
const RATE = 8000;
const CUT = 3600;
const TAPS = 63;
const BLOCK = 160;

/** A windowed sinc (Hann). */
function lowPass() {
  const middle = (TAPS - 1) / 2;
  const taps = Float32Array.from({ length: TAPS }, (_, n) => {
    const x = (2 * CUT * (n - middle)) / sampleRate;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return sinc * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / (TAPS - 1)));
  });
  const sum = taps.reduce((all, tap) => all + tap, 0);
  return taps.map((tap) => tap / sum);
}

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.taps = lowPass();
    this.past = new Float32Array(TAPS);
    this.place = 0;
    this.due = 0;
    this.block = new Int16Array(BLOCK);
    this.filled = 0;
  }

  process([input]) {
    const heard = input?.[0];
    if (heard) {
      for (const sample of heard) {
        this.past[this.place] = sample;
        this.place = (this.place + 1) % TAPS;
        this.due += RATE;
        if (this.due >= sampleRate) {
          this.due -= sampleRate;
          this.keep();
        }
      }
    }
    return true;
  }

  keep() {
    let sum = 0;
    for (let n = 0; n < TAPS; n++) {
      sum += this.taps[n] * this.past[(this.place + n) % TAPS];
    }
    this.block[this.filled++] = Math.max(-1, Math.min(1, sum)) * 32767;
    if (this.filled === BLOCK) {
      const whole = this.block.slice();
      this.port.postMessage(whole.buffer, [whole.buffer]);
      this.filled = 0;
    }
  }
}

registerProcessor("microphone", Microphone);
