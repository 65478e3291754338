import type { Pool } from 'pg';
import { sizes } from '../sizes.ts';

const componentIds = Array.from({ length: sizes.components }, (_, i) => i + 1);

/** The schema's version and the components that are down. Two queries, however many components there are. */
export async function checkHealth(db: Pool): Promise<{ schemaVersion: number; checked: number; down: string[] }> {
  const version = await db.query<{ version: number }>('SELECT max(version) AS version FROM schema_versions');
  const components = await db.query<{ name: string; healthy: boolean }>(
    'SELECT name, healthy FROM components WHERE id = ANY($1) ORDER BY id',
    [componentIds],
  );
  return {
    schemaVersion: version.rows[0]?.version ?? 0,
    checked: components.rows.length,
    down: components.rows.filter((component) => !component.healthy).map((component) => component.name),
  };
}
