import { relations } from 'drizzle-orm';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';

export const authors = pgTable('authors', { id: integer().primaryKey(), name: text().notNull() });

export const posts = pgTable('posts', {
  id: integer().primaryKey(),
  authorId: integer('author_id').notNull(),
  title: text().notNull(),
});

export const comments = pgTable('comments', {
  id: integer().primaryKey(),
  postId: integer('post_id').notNull(),
  body: text().notNull(),
});

export const counters = pgTable('counters', { id: integer().primaryKey(), value: integer().notNull() });

export const slugs = pgTable('slugs', { slug: text().primaryKey() });

export const imports = pgTable('imports', {
  batch: text().notNull(),
  position: integer().notNull(),
  label: text().notNull(),
});

export const postRelations = relations(posts, ({ many }) => ({ comments: many(comments) }));

export const commentRelations = relations(comments, ({ one }) => ({
  post: one(posts, { fields: [comments.postId], references: [posts.id] }),
}));
