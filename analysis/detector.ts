import type { Finding, FindingKind } from '../core/finding.ts';
import type { RequestRecord } from '../core/types.ts';

/** A detector's settings are numbers, and the name carries the unit (`minTotalMs`): one shape means one parser. */
export type Thresholds<Name extends string = string> = Readonly<Record<Name, number>>;

/** Looks at one finished request. Pure: same record + same thresholds -> same findings; no clock, no I/O. */
export interface RequestDetector<Name extends string = string> {
  /** Also the file name, the docs page, the settings' prefix and the metric label. */
  readonly kind: FindingKind;
  /** One line, in the present tense. */
  readonly description: string;
  readonly defaults: Thresholds<Name>;
  detect(request: RequestRecord, thresholds: Thresholds<Name>): readonly Finding[];
}

/** Infers the threshold names from `defaults`; it adds no behaviour. */
export const defineRequestDetector = <const Name extends string>(
  detector: RequestDetector<Name>,
): RequestDetector<Name> => detector;
