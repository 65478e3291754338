import type { Document } from '../repositories/documents.ts';
import type { ChatAnswer } from './endpoints.ts';

/** Stands in for the language model: it quotes the documents, so that the example runs offline and always answers the same. */
export function composeAnswer(question: string, documents: readonly Document[]): ChatAnswer {
  const quotes = documents.slice(0, 3).map((document) => document.body.slice(0, 60));
  return {
    answer: `On "${question}": ${quotes.join(' … ')}`,
    sources: documents.map(({ id, title }) => ({ id, title })),
  };
}
