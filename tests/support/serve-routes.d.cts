export interface ImportRow {
  readonly batch: string;
  readonly position: number;
  readonly label: string;
}

export function serveRoutes(
  wait: () => Promise<unknown>,
  routes: Readonly<Record<string, (id: number) => Promise<unknown>>>,
): Promise<void>;
export function chunkOf(batch: string, chunk: number, count: number): ImportRow[];
export function range(count: number): number[];
