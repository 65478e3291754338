/** What a piece of text means; a palette gives it a colour. The meaning is in the words, too: colour is never alone. */
export type Tone = 'heading' | 'quiet' | 'critical' | 'warning' | 'info' | 'better' | 'worse';

/** Puts text in the colour of its tone, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

const CODES: Readonly<Record<Tone, readonly [on: number, off: number]>> = {
  heading: [1, 22],
  quiet: [2, 22],
  critical: [31, 39],
  warning: [33, 39],
  info: [36, 39],
  better: [32, 39],
  worse: [31, 39],
};

/** ANSI colours if `color` is true, plain text otherwise. Whether the reader wants colour is the caller's to know. */
export function createPaint(color: boolean): Paint {
  if (!color) return (_tone, text) => text;
  return (tone, text) => {
    const [on, off] = CODES[tone];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  };
}
