const PERCENT = 0x25;
const COLON = 0x3a;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
/** The upper five bits that all halves of characters share. */
const SURROGATES = 0xd800;
const SURROGATE_MASK = 0xf800;

/**
 * A text as one part of a key or tag: without `:`, which parts the parts, and with nothing that UTF-8 cannot hold. Different
 * texts stay different, Unicode forms of the same letter included.
 *
 * Escaped are `%`, `:`, braces (in a key of Redis Cluster they choose the slot) and halves of characters, for which
 * `encodeURIComponent` throws. All else stays, so that the tag of an e-mail address is what one would write by hand.
 */
export function encodeKeyPart(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (
      unit === PERCENT ||
      unit === COLON ||
      unit === OPENING_BRACE ||
      unit === CLOSING_BRACE ||
      (unit & SURROGATE_MASK) === SURROGATES
    ) {
      return escape(text);
    }
  }
  return text;
}

function escape(text: string): string {
  // By code point: a whole pair is a character like others, and only halves are matched as surrogates.
  return text.replaceAll(/[%:{}\p{Surrogate}]/gu, (character) => {
    const unit = character.charCodeAt(0);
    // No hexadecimal digit is a `u`: the two forms cannot be taken for one another.
    return unit < 0x100 ? `%${unit.toString(16).padStart(2, '0')}` : `%u${unit.toString(16)}`;
  });
}
