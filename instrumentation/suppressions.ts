import { readSuppressions, type Suppression } from '../analysis/suppression.ts';
import type { Settings } from '../core/settings.ts';
import { withRegularFile } from '../request/regular-file.ts';

/** Bytes of a file that is read: a larger one is some other file. */
const MAX_FILE_BYTES = 1_048_576;

export interface ReadSuppressions {
  readonly suppressions: readonly Suppression[];
  readonly problems: readonly string[];
}

/** The suppressions of SLOWPATH_SUPPRESS and of the file that SLOWPATH_SUPPRESS_FILE names. Never throws. */
export function environmentSuppressions({ suppress, suppressFile }: Settings): ReadSuppressions {
  const parts: ReadSuppressions[] = [];
  if (suppress !== undefined) parts.push(parse(suppress, 'SLOWPATH_SUPPRESS'));
  if (suppressFile !== undefined) parts.push(fromFile(suppressFile));
  return {
    suppressions: parts.flatMap((part) => part.suppressions),
    problems: parts.flatMap((part) => part.problems),
  };
}

function fromFile(path: string): ReadSuppressions {
  const origin = `SLOWPATH_SUPPRESS_FILE (${path})`;
  try {
    const read = withRegularFile(path, (file) => {
      if (file.size > MAX_FILE_BYTES) return refused(`${origin} is larger than 1 MiB. Nothing is suppressed by it.`);
      return parse(file.readLast(file.size).toString(), origin);
    });
    return read ?? refused(`${origin} is no file. Nothing is suppressed by it.`);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
    return refused(`${origin} cannot be read: ${code}. Nothing is suppressed by it.`);
  }
}

function parse(text: string, origin: string): ReadSuppressions {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused(
      `${origin} is no JSON. Expected a list such as [{ "route": "/export", "reason": "…", "until": "2027-03-31" }].`,
    );
  }
  return readSuppressions(value, origin);
}

function refused(problem: string): ReadSuppressions {
  return { suppressions: [], problems: [problem] };
}
