import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import {
  ATTR_CODE_COLUMN_NUMBER,
  ATTR_CODE_FILE_PATH,
  ATTR_CODE_FILEPATH_OLD,
  ATTR_CODE_FUNCTION_NAME,
  ATTR_CODE_FUNCTION_OLD,
  ATTR_CODE_LINE_NUMBER,
  ATTR_CODE_LINENO_OLD,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_STATEMENT_OLD,
} from '../core/semconv.ts';
import type { CallSite } from '../core/types.ts';
import { isFunctionName, isSourceFile } from '../request/call-site-names.ts';
import { fromDirectory, workingDirectory } from '../request/call-site-of-stack.ts';
import type { LiveRequest } from '../request/live-request.ts';
import { readSqlComment } from '../sql/index.ts';
import { shapeOf } from './database-span.ts';
import { numberAttribute, stringAttribute } from './read-span.ts';

/** Takes over the line that the query's instrumentation, or a comment of the ORM's in the statement, names. */
export function takeToldCallSite(span: ReadableSpan, system: string, request: LiveRequest): void {
  const site = siteInAttributes(span) ?? siteInComment(span);
  if (site === undefined) return;
  const shape = shapeOf(span, system);
  if (shape !== undefined) request.tellCallSite(shape.fingerprint, site);
}

function siteInAttributes(span: ReadableSpan): CallSite | undefined {
  const file = stringAttribute(span, ATTR_CODE_FILE_PATH) ?? stringAttribute(span, ATTR_CODE_FILEPATH_OLD);
  if (file === undefined) return undefined;
  const line = numberAttribute(span, ATTR_CODE_LINE_NUMBER) ?? numberAttribute(span, ATTR_CODE_LINENO_OLD);
  const functionName =
    stringAttribute(span, ATTR_CODE_FUNCTION_NAME) ?? stringAttribute(span, ATTR_CODE_FUNCTION_OLD) ?? '';
  return toCallSite(file, line, numberAttribute(span, ATTR_CODE_COLUMN_NUMBER), functionName);
}

/** `file='src/orders.ts',line='42'`, or marginalia's `line='src/orders.ts:42:in list'`. */
function siteInComment(span: ReadableSpan): CallSite | undefined {
  const text = stringAttribute(span, ATTR_DB_QUERY_TEXT) ?? stringAttribute(span, ATTR_DB_STATEMENT_OLD);
  // Nearly every statement ends here: what follows looks at the comment.
  if (text === undefined || !(text.endsWith('*/') || text.startsWith('/*') || text.endsWith('*/;'))) return undefined;
  const { file, line, column, function: functionName, source_location: location } = readSqlComment(text);
  if (file !== undefined) return toCallSite(file, Number(line), Number(column), functionName ?? '');
  const place = PLACE.exec(location ?? line ?? '');
  return place?.[1] === undefined ? undefined : toCallSite(place[1], Number(place[2]), Number(place[3]), '');
}

const PLACE = /^(.+?):(\d+)(?::(\d+))?(?::in .*)?$/;

function toCallSite(
  file: string,
  line: number | undefined,
  column: number | undefined,
  functionName: string,
): CallSite | undefined {
  if (line === undefined || !isPlace(line)) return undefined;
  const shown = fromDirectory(file, workingDirectory());
  // A comment could hold anything.
  if (!isSourceFile(shown)) return undefined;
  return {
    file: shown,
    line,
    ...(column !== undefined && isPlace(column) && { column }),
    ...(isFunctionName(functionName) && { functionName }),
  };
}

function isPlace(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 1;
}
