/** As V8 writes them: a place in a file, or one of its three names for a place without a file. */
const FRAME = /^\s+at .*(?::\d+:\d+\)?|\(<anonymous>\)|\(native\)|\(index \d+\))$/;

/**
 * The frames at the end of a stack. It begins with the error's message, which may take several lines and even look like
 * one frame: that is not among them.
 */
export function stackFrames(stack: string): readonly string[] {
  const lines = stack.split('\n');
  let first = lines.length;
  while (first > 0 && isFrame(lines[first - 1])) first--;
  return lines.slice(first);
}

function isFrame(line: string | undefined): boolean {
  return line !== undefined && (line.trim() === '' || FRAME.test(line));
}
