/** One finding that a route was written to give. */
export interface Planted {
  readonly kind: string;
  readonly mode: string;
  readonly operation: string;
  readonly count: number;
}

const loop = (count: number, operation = 'read', mode = 'sequential'): Planted => ({
  kind: 'n-plus-one',
  mode,
  operation,
  count,
});

/** What each route repeats. The lines that do it end in `// planted: <route>`. */
export const PLANTED: Readonly<Record<string, readonly Planted[]>> = {
  '/nplus1': [loop(10)],
  '/nplus1-parallel': [loop(10, 'read', 'parallel')],
  '/nested': [loop(6), loop(24)],
  '/interleaved': [loop(8), loop(8)],
  '/write-loop': [loop(6, 'write'), loop(6, 'write')],
  '/duplicate': [{ ...loop(4), kind: 'duplicate-query' }],
  '/literals': [loop(6)],
};

/** Data statements of each route: what `X-Query-Count` says. */
export const QUERIES: Readonly<Record<string, number>> = {
  '/nplus1': 11,
  '/nplus1-parallel': 11,
  '/nested': 31,
  '/interleaved': 17,
  '/write-loop': 12,
  '/duplicate': 4,
  '/literals': 6,
  '/slow': 1,
  '/join': 1,
  '/batched': 2,
  '/page': 6,
  '/chunked': 5,
  '/transaction': 3,
  '/single': 1,
  '/retry': 6,
  '/list': 3,
};

/** 10 000 requests that nothing is to be found in. */
export const CLEAN_REQUESTS: Readonly<Record<string, number>> = {
  '/single': 4000,
  '/list': 1500,
  '/batched': 1200,
  '/join': 1000,
  '/transaction': 1000,
  '/page': 800,
  '/retry': 450,
  '/chunked': 50,
};

/** [1, …, count] */
export const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);
const title = (post: number): string => `post ${post}`;
const comments = (post: number): readonly string[] => [`comment ${post}`, `comment ${post + 32}`];
const postsWithComments = range(10).map((post) => ({ title: title(post), comments: comments(post) }));

/** What the routes answer, computed from the rows of tests/support/orm-schema.sql. With `?id=1`. */
export const ANSWERS: Readonly<Record<string, unknown>> = {
  '/nplus1': postsWithComments,
  '/nplus1-parallel': postsWithComments,
  '/join': postsWithComments,
  '/batched': postsWithComments,
  '/nested': range(6).map((author) => ({
    name: `author ${author}`,
    posts: range(4)
      .map((round) => author + (round - 1) * 8)
      .map((post) => ({ title: title(post), comments: comments(post) })),
  })),
  '/interleaved': range(8).map((post) => ({ title: title(post), author: `author ${post}`, comments: 2 })),
  '/write-loop': 12,
  '/duplicate': range(4).map(() => 'author 3'),
  '/literals': range(6).map((author) => `author ${author}`),
  '/slow': 1,
  '/page': range(30).map(title),
  '/chunked': 500,
  '/transaction': title(1),
  '/single': { id: 1, title: title(1) },
  '/retry': 5,
  '/list': [8, title(1), 'comment 64'],
};
