import type { Dialect } from './dialect.ts';
import { lex } from './lexer.ts';
import { StatementReader } from './statement-reader.ts';
import { SummaryBuilder } from './summary.ts';
import { NAME, TokenList, WORD } from './token-list.ts';

const dot = 46;

/** Which differences between the names of tables do not count. */
export interface NameCollapse {
  readonly collapseDigits?: boolean;
  readonly collapseSchemas?: boolean;
}

/**
 * Writes the text anew, for its fingerprint only: runs of two and more digits in the names of tables as `00`, and the
 * schemas of tables left out, as `options` say. A qualifier of a column (`events_01.id`) is such a name too.
 */
export function collapseNames(sql: string, dialect: Dialect, options: NameCollapse): string {
  const tokens = new TokenList();
  lex(sql, dialect, tokens);
  const targets = new TargetCollector(sql, tokens);
  new StatementReader(sql, tokens, dialect, targets).run();
  let text = '';
  let copied = 0;
  for (let i = 0; i < tokens.count;) {
    if (!isName(tokens, i)) {
      i++;
      continue;
    }
    const last = lastOfName(tokens, i);
    const isTarget = targets.starts.has(i);
    // `schema.table` where a table stands, `schema.table.column` elsewhere.
    const kept = options.collapseSchemas === true ? Math.max(i, isTarget ? last : last - 2) : i;
    const lastTablePart = isTarget ? last : last - 1;
    if (kept > i) {
      // The space keeps `FROM"a".b` two words.
      text += `${sql.slice(copied, tokens.start(i))} `;
      copied = tokens.start(kept);
    }
    for (let part = kept; options.collapseDigits === true && part <= lastTablePart; part++) {
      if (!isName(tokens, part)) continue;
      text += sql.slice(copied, tokens.start(part)) + withoutDigits(sql.slice(tokens.start(part), tokens.end(part)));
      copied = tokens.end(part);
    }
    i = last + 1;
  }
  return text + sql.slice(copied);
}

/** Notes where the names of tables start. */
class TargetCollector extends SummaryBuilder {
  readonly starts = new Set<number>();

  override addTarget(from: number, to: number, isTable: boolean): void {
    if (isTable) this.starts.add(from);
    super.addTarget(from, to, isTable);
  }
}

function isName(tokens: TokenList, i: number): boolean {
  const kind = tokens.kind(i);
  return kind === NAME || (kind === WORD && tokens.keyword(i) === 0);
}

/** The last part of the qualified name that starts at token `i`. */
function lastOfName(tokens: TokenList, i: number): number {
  let last = i;
  while (tokens.symbol(last + 1) === dot && (isName(tokens, last + 2) || tokens.symbol(last + 2) === dot)) {
    const next = tokens.symbol(last + 2) === dot ? last + 3 : last + 2;
    if (!isName(tokens, next)) break;
    last = next;
  }
  return last;
}

function withoutDigits(name: string): string {
  return name.replaceAll(/\d{2,}/g, '00');
}
