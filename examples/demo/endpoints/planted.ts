import type { Pool } from 'pg';
import { findDocument } from '../repositories/documents.ts';
import { findUpcomingMeetings, findUser } from '../repositories/meetings.ts';
import { changePlan, findSettings, sumUsageByFeature } from '../repositories/usage.ts';
import { searchVectorIndex } from '../repositories/vector-index.ts';
import { composeAnswer } from './compose-answer.ts';
import type { ChatAnswer, Endpoints, ListedMeeting, UserUsage } from './endpoints.ts';

/** The endpoints as they are written before anybody has measured them. */
export const planted: Endpoints = { listMeetings, userUsage, chat, changePlan };

/** Planted: one more query for the host of each meeting, one after the other. */
async function listMeetings(db: Pool): Promise<ListedMeeting[]> {
  const listed: ListedMeeting[] = [];
  for (const { id, title, startsAt, hostId } of await findUpcomingMeetings(db, 20)) {
    const host = await findUser(db, hostId);
    if (host !== undefined) listed.push({ id, title, startsAt, host });
  }
  return listed;
}

/** Planted: each helper loads the same settings again; and no index serves the sums over usage_events. */
async function userUsage(db: Pool, userId: number): Promise<UserUsage> {
  const features = await sumUsageByFeature(db, userId);
  return {
    userId,
    plan: await planOf(db, userId),
    monthlyQuota: await monthlyQuotaOf(db, userId),
    unitsUsed: features.reduce((sum, feature) => sum + feature.units, 0),
    locale: await localeOf(db, userId),
    timeZone: await timeZoneOf(db, userId),
    features,
  };
}

const planOf = async (db: Pool, userId: number): Promise<string> => (await findSettings(db, userId)).plan;
const monthlyQuotaOf = async (db: Pool, userId: number): Promise<number> =>
  (await findSettings(db, userId)).monthlyQuota;
const localeOf = async (db: Pool, userId: number): Promise<string> => (await findSettings(db, userId)).locale;
const timeZoneOf = async (db: Pool, userId: number): Promise<string> => (await findSettings(db, userId)).timeZone;

/** Planted: one query for each document. `Promise.all` hides the wait, and takes every connection of the pool. */
async function chat(db: Pool, question: string): Promise<ChatAnswer> {
  const ids = searchVectorIndex(question, 12);
  const documents = await Promise.all(ids.map((id) => findDocument(db, id)));
  return composeAnswer(
    question,
    documents.filter((document) => document !== undefined),
  );
}
