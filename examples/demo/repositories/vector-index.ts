import { createHash } from 'node:crypto';
import { sizes } from '../sizes.ts';

/**
 * The ids of the `count` documents closest to a question, closest first. Stands in for the service of a vector index: the same
 * question always gets the same documents, and no model is needed to run the example.
 */
export function searchVectorIndex(question: string, count: number): number[] {
  const first = createHash('sha256').update(question).digest().readUInt32BE(0) % sizes.documents;
  // 7 shares no factor with the number of documents, so the ids are distinct.
  return Array.from({ length: count }, (_, i) => ((first + 7 * i) % sizes.documents) + 1);
}
