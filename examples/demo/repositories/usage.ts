import type { ClientBase, Pool } from 'pg';

export interface FeatureUsage {
  readonly name: string;
  readonly calls: number;
  readonly units: number;
}

export interface UserSettings {
  readonly plan: string;
  readonly monthlyQuota: number;
  readonly locale: string;
  readonly timeZone: string;
}

/** What the user has used of every feature, those never used included. */
export async function sumUsageByFeature(db: Pool | ClientBase, userId: number): Promise<FeatureUsage[]> {
  const result = await db.query<FeatureUsage>(
    `SELECT features.name, usage.calls, usage.units
       FROM features
       CROSS JOIN LATERAL (
         SELECT count(*)::int AS calls, coalesce(sum(units), 0)::int AS units
           FROM usage_events
          WHERE user_id = $1 AND feature_id = features.id
       ) AS usage
      ORDER BY features.name`,
    [userId],
  );
  return result.rows;
}

export async function findSettings(db: Pool, userId: number): Promise<UserSettings> {
  const result = await db.query<UserSettings>(
    `SELECT plan, monthly_quota AS "monthlyQuota", locale, time_zone AS "timeZone" FROM user_settings WHERE user_id = $1`,
    [userId],
  );
  const settings = result.rows[0];
  if (settings === undefined) throw new Error(`User ${userId} has no settings.`);
  return settings;
}

export async function changePlan(db: Pool, userId: number, plan: string): Promise<void> {
  await db.query('UPDATE user_settings SET plan = $2 WHERE user_id = $1', [userId, plan]);
}
