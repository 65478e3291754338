import { describe, expect, it } from 'vitest';
import { adviseLoop } from '../../analysis/advice.ts';
import type { DatabaseClient } from '../../core/types.ts';
import { adviceGroup, CLIENTS, systemOf } from './advice-group.ts';

function said(summary: string, client?: DatabaseClient, system = systemOf(client), filterColumn?: string): string {
  const group = adviceGroup({
    kind: 'write',
    summary,
    client,
    system,
    traits: { tables: ['stock_items'], filterColumn },
  });
  return adviseLoop({ group, parallel: false, source: undefined });
}

describe('a loop of writes', () => {
  it.each<[DatabaseClient | undefined, string]>([
    [undefined, '`INSERT INTO stock_items (…) SELECT * FROM unnest($1::…[], $2::…[])`'],
    ['pg', '`INSERT INTO stock_items (…) SELECT * FROM unnest($1::…[], $2::…[])`'],
    ['mysql2', "`pool.query('INSERT INTO stock_items (…) VALUES ?', [rows])` (`execute()` takes no array)"],
    ['mysql', "`pool.query('INSERT INTO stock_items (…) VALUES ?', [rows])`."],
    ['knex', "`knex.batchInsert('stock_items', rows)`"],
    ['objection', '`StockItem.query().insert(rows)`'],
    ['drizzle', '`db.insert(stock_items).values(rows)`'],
    ['sequelize', '`StockItem.bulkCreate(rows)`'],
    ['typeorm', '`manager.insert(StockItem, rows)`'],
    ['prisma', '`prisma.stockItem.createMany({ data: rows })`'],
    ['mikro-orm', '`em.insertMany(StockItem, rows)`'],
    ['mongoose', '`StockItem.insertMany(rows)`'],
    ['mongodb', "`db.collection('stock_items').insertMany(rows)`"],
  ])('inserts all rows at once: %s', (client, part) => {
    expect(said('INSERT stock_items', client)).toContain(part);
  });

  it('inserts with Objection as the database allows', () => {
    expect(said('insert stock_items', 'objection', 'mysql')).toContain('`StockItem.knexQuery().insert(rows)`');
  });

  it('needs no arrays where there are none', () => {
    expect(said('INSERT stock_items', undefined, 'sqlite')).toContain('`INSERT INTO stock_items (…) VALUES (…), (…)`');
  });

  it.each<[DatabaseClient | undefined, string]>([
    [undefined, '`UPDATE stock_items SET … FROM unnest($1::…[], $2::…[]) AS v(k, …) WHERE stock_items.sku = v.k`'],
    ['mysql2', '`UPDATE stock_items SET … = CASE sku WHEN … THEN … END WHERE sku IN (…)`'],
    ['knex', "`knex('stock_items').whereIn('sku', skus).update(…)`"],
    ['objection', "`StockItem.query().patch(…).whereIn('sku', skus)`"],
    ['drizzle', '`db.update(stock_items).set(…).where(inArray(stock_items.sku, skus))`'],
    ['sequelize', '`StockItem.bulkCreate(rows, { updateOnDuplicate: […] })`'],
    ['typeorm', '`manager.update(StockItem, { sku: In(skus) }, …)`'],
    ['prisma', '`prisma.stockItem.updateMany({ where: { sku: { in: skus } }, data })`'],
    ['mikro-orm', '`em.flush()` once after the loop'],
    ['mongoose', '`StockItem.updateMany({ sku: { $in: skus } }, …)`'],
    ['mongodb', '`bulkWrite` with an `updateOne` for each'],
  ])('updates all rows at once: %s', (client, part) => {
    expect(said('UPDATE stock_items', client, systemOf(client), 'sku')).toContain(part);
  });

  it.each<[DatabaseClient | undefined, string]>([
    [undefined, '`DELETE FROM stock_items WHERE sku = ANY($1)`'],
    ['mysql2', "`pool.query('DELETE FROM stock_items WHERE sku IN (?)', [skus])`"],
    ['knex', "`knex('stock_items').whereIn('sku', skus).del()`"],
    ['objection', "`StockItem.query().delete().whereIn('sku', skus)`"],
    ['drizzle', '`db.delete(stock_items).where(inArray(stock_items.sku, skus))`'],
    ['sequelize', '`StockItem.destroy({ where: { sku: skus } })`'],
    ['typeorm', '`manager.delete(StockItem, { sku: In(skus) })`'],
    ['prisma', '`prisma.stockItem.deleteMany({ where: { sku: { in: skus } } })`'],
    ['mikro-orm', '`em.nativeDelete(StockItem, { sku: { $in: skus } })`'],
    ['mongoose', '`StockItem.deleteMany({ sku: { $in: skus } })`'],
    ['mongodb', "`db.collection('stock_items').deleteMany({ sku: { $in: skus } })`"],
  ])('deletes all rows at once: %s', (client, part) => {
    expect(said('delete stock_items', client, systemOf(client), 'sku')).toContain(part);
  });

  it.each(CLIENTS)('says of transactions what applies: %s', (client) => {
    const isMongo = systemOf(client) === 'mongodb';
    expect(said('INSERT stock_items', client).includes('in one transaction')).toBe(!isMongo);
  });

  it.each([
    [
      'UPDATE stock_items',
      'Send one update to stock_items instead of one for each row: a statement whose conditions take all sets of values. ',
    ],
    [
      'DELETE stock_items',
      'Send one delete to stock_items instead of one for each row: a statement whose conditions take all sets of values. ',
    ],
    ['MERGE stock_items', 'Write the rows in one statement (multi-row INSERT, UPDATE or DELETE for a list of keys). '],
  ])('invents no column: %s', (summary, start) => {
    expect(said(summary, 'prisma').startsWith(start)).toBe(true);
  });

  it('says what running at the same time costs', () => {
    const group = adviceGroup({ kind: 'write', summary: 'INSERT users' });
    expect(adviseLoop({ group, parallel: true, source: undefined })).toContain('a connection of the pool');
  });
});
