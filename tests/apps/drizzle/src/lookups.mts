import { eq } from 'drizzle-orm';
import { db } from './database.mjs';
import { authors, comments } from './schema.mjs';

/** Types leave no line in what is run: a line that is named in it is not the one that was written. */
export interface Named {
  readonly name: string;
}

export async function commentsOf(postId: number): Promise<string[]> {
  const rows = await db.select().from(comments).where(eq(comments.postId, postId)).orderBy(comments.id); // planted: nplus1-parallel
  return rows.map(({ body }) => body);
}

export async function authorName(id: number): Promise<string | undefined> {
  const author: Named | undefined = await db.query.authors.findFirst({ where: eq(authors.id, id) }); // planted: duplicate
  return author?.name;
}
