import { systemClock, type Clock } from '../core/clock.ts';
import type { CallSite, DatabaseClient, Endpoint } from '../core/types.ts';
import { ArmedShapes } from './call-site-arming.ts';
import { readCallPath, workingDirectory } from './call-site-of-stack.ts';
import { Passages } from './call-site-passages.ts';
import { SourceMaps } from './call-site-source-map.ts';
import { captureStack, framesOf, type CapturedStack } from './call-site-stack.ts';

/** Stacks that the process takes within one second. */
export const MAX_CAPTURES_PER_SECOND = 20;
/** Those of them that armed shapes may take: a frequent one that is slow now and then leaves the others to the repeats. */
export const MAX_ARMED_CAPTURES_PER_SECOND = 10;
/** Lines that are remembered, by endpoint and shape. */
export const MAX_KNOWN_SITES = 256;

/** A line of the application, and by what it calls. */
export interface LocatedCall {
  readonly callSite: CallSite;
  readonly client: DatabaseClient | undefined;
}

/** What the process has done, for tests and diagnostics. */
export interface CallSiteStatistics {
  readonly captured: number;
  /** Wanted, but over the budget of the second. */
  readonly refused: number;
  /** Stacks that were written out. */
  readonly located: number;
  readonly armed: number;
}

/** The process's side of call sites: the budget, the shapes whose line is wanted, and the lines that are known. */
export class CallSites {
  readonly #clock: Clock;
  readonly #maps = new SourceMaps();
  readonly #armed = new ArmedShapes();
  readonly #passages = new Passages();
  readonly #known = new Map<string, LocatedCall>();
  #secondStartMs = -Infinity;
  #capturedInSecond = 0;
  #armedInSecond = 0;
  #captured = 0;
  #refused = 0;
  #located = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  get statistics(): CallSiteStatistics {
    return {
      captured: this.#captured,
      refused: this.#refused,
      located: this.#located,
      armed: this.#armed.size,
    };
  }

  /** False while no shape is armed: then nobody needs to know a statement's shape when it starts. */
  get hasArmed(): boolean {
    return this.#armed.size > 0;
  }

  isArmed(shape: string): boolean {
    return this.#armed.has(shape);
  }

  /** Has the next calls of a shape take their stack at once: it was found fault with, and its line is not known. */
  arm(shape: string): void {
    this.#armed.arm(shape);
  }

  /** Takes the stack of the running code, for a repeat or for an armed shape; `undefined` over the budget. */
  capture(reason: 'repeat' | 'armed'): CapturedStack | undefined {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#secondStartMs >= 1000) {
      this.#secondStartMs = nowMs;
      this.#capturedInSecond = 0;
      this.#armedInSecond = 0;
    }
    const isArmedOver = reason === 'armed' && this.#armedInSecond >= MAX_ARMED_CAPTURES_PER_SECOND;
    if (isArmedOver || this.#capturedInSecond >= MAX_CAPTURES_PER_SECOND) {
      this.#refused++;
      return undefined;
    }
    this.#capturedInSecond++;
    if (reason === 'armed') this.#armedInSecond++;
    this.#captured++;
    return captureStack();
  }

  /** Finds the application's line in a stack, and remembers it for the endpoint's next findings about the shape. */
  locate(stack: CapturedStack, endpoint: Endpoint, shape: string): LocatedCall | undefined {
    this.#located++;
    const path = readCallPath(framesOf(stack), this.#maps, workingDirectory());
    const callSite = path && this.#passages.pick(path.lines, path.client, shape);
    if (callSite === undefined) {
      this.#armed.inVain(shape);
      return undefined;
    }
    const call = { callSite, client: path?.client };
    this.#remember(call, endpoint, shape);
    return call;
  }

  /** The line of an earlier request, for a shape whose stack was not taken in this one. */
  known(endpoint: Endpoint, shape: string): LocatedCall | undefined {
    return this.#known.get(`${endpoint}\n${shape}`);
  }

  #remember(call: LocatedCall, endpoint: Endpoint, shape: string): void {
    this.#armed.disarm(shape);
    const key = `${endpoint}\n${shape}`;
    this.#known.delete(key);
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= MAX_KNOWN_SITES) this.#known.delete(oldest);
    this.#known.set(key, call);
  }
}
