import type { Pool } from 'pg';

export interface Document {
  readonly id: number;
  readonly title: string;
  readonly body: string;
}

export async function findDocument(db: Pool, id: number): Promise<Document | undefined> {
  const result = await db.query<Document>('SELECT id, title, body FROM documents WHERE id = $1', [id]);
  return result.rows[0];
}

export async function findDocuments(db: Pool, ids: readonly number[]): Promise<Map<number, Document>> {
  const result = await db.query<Document>('SELECT id, title, body FROM documents WHERE id = ANY($1)', [ids]);
  return new Map(result.rows.map((document) => [document.id, document]));
}
