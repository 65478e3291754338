import type { Pool } from 'pg';
import { findDocuments } from '../repositories/documents.ts';
import { findUpcomingMeetings, findUsers } from '../repositories/meetings.ts';
import { changePlan, findSettings, sumUsageByFeature } from '../repositories/usage.ts';
import { searchVectorIndex } from '../repositories/vector-index.ts';
import { composeAnswer } from './compose-answer.ts';
import type { ChatAnswer, Endpoints, ListedMeeting, UserUsage } from './endpoints.ts';

/** The endpoints after the recommendations were followed. The slow query is the same: an index was created for it. */
export const fixed: Endpoints = { listMeetings, userUsage, chat, changePlan };

/** All hosts in one query. */
async function listMeetings(db: Pool): Promise<ListedMeeting[]> {
  const meetings = await findUpcomingMeetings(db, 20);
  const hosts = await findUsers(db, [...new Set(meetings.map((meeting) => meeting.hostId))]);
  return meetings.flatMap(({ id, title, startsAt, hostId }) => {
    const host = hosts.get(hostId);
    return host === undefined ? [] : [{ id, title, startsAt, host }];
  });
}

/** The settings are loaded once and passed on. */
async function userUsage(db: Pool, userId: number): Promise<UserUsage> {
  const features = await sumUsageByFeature(db, userId);
  const { plan, monthlyQuota, locale, timeZone } = await findSettings(db, userId);
  const unitsUsed = features.reduce((sum, feature) => sum + feature.units, 0);
  return { userId, plan, monthlyQuota, unitsUsed, locale, timeZone, features };
}

/** All documents in one query, put back into the order of their relevance. */
async function chat(db: Pool, question: string): Promise<ChatAnswer> {
  const ids = searchVectorIndex(question, 12);
  const documents = await findDocuments(db, ids);
  return composeAnswer(
    question,
    ids.flatMap((id) => documents.get(id) ?? []),
  );
}
