import type { Pool } from 'pg';

/** A meeting as the list shows it. */
export interface ListedMeeting {
  readonly id: number;
  readonly title: string;
  readonly startsAt: string;
  readonly host: { readonly id: number; readonly name: string };
}

/** What a user has used of each feature, and what their plan allows. */
export interface UserUsage {
  readonly userId: number;
  readonly plan: string;
  readonly monthlyQuota: number;
  readonly unitsUsed: number;
  readonly locale: string;
  readonly timeZone: string;
  readonly features: readonly { readonly name: string; readonly calls: number; readonly units: number }[];
}

/** An answer with the documents it was drawn from, most relevant first. */
export interface ChatAnswer {
  readonly answer: string;
  readonly sources: readonly { readonly id: number; readonly title: string }[];
}

/** The endpoints that exist with a planted performance problem each, fixed, and behind a cache. All answer the same. */
export interface Endpoints {
  listMeetings(db: Pool): Promise<readonly ListedMeeting[]>;
  userUsage(db: Pool, userId: number): Promise<UserUsage>;
  chat(db: Pool, question: string): Promise<ChatAnswer>;
  /** The only change that the service makes. */
  changePlan(db: Pool, userId: number, plan: string): Promise<void>;
}
