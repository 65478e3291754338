/** A kind of finding, by the name that reports use. Plain text: the service and what is planted in it import nothing of the tool. */
export type PlantedKind = 'n-plus-one' | 'duplicate-query' | 'slow-query' | 'slow-endpoint';

/** What a report on the demo must say of one endpoint. */
export interface EndpointExpectation {
  readonly endpoint: string;
  /** Queries that each request sends. */
  readonly queriesPerRequest: { readonly planted: number; readonly fixed: number };
  /** Kinds of finding that must be reported of the planted variant, and none besides. The fixed variant has none. */
  readonly findings: readonly PlantedKind[];
  /** Kinds that a machine may add without anything being wrong: the planted slow query takes as long as it takes there. */
  readonly tolerated: readonly PlantedKind[];
}

/** The planted problems, and the batched control that has none. */
export const EXPECTED: readonly EndpointExpectation[] = [
  {
    endpoint: 'GET /api/meetings/list',
    queriesPerRequest: { planted: 21, fixed: 2 },
    findings: ['n-plus-one'],
    tolerated: [],
  },
  {
    endpoint: 'GET /api/user/usage',
    queriesPerRequest: { planted: 5, fixed: 2 },
    findings: ['duplicate-query', 'slow-query'],
    tolerated: ['slow-endpoint'],
  },
  {
    endpoint: 'POST /api/rag/chat',
    queriesPerRequest: { planted: 12, fixed: 1 },
    findings: ['n-plus-one'],
    tolerated: [],
  },
  {
    endpoint: 'GET /api/health',
    queriesPerRequest: { planted: 2, fixed: 2 },
    findings: [],
    tolerated: [],
  },
];
