const { DataSource, EntitySchema } = require('typeorm');

const id = { type: 'int', primary: true };
const text = { type: 'varchar' };
const Author = new EntitySchema({ name: 'Author', tableName: 'authors', columns: { id, name: text } });
const Post = new EntitySchema({
  name: 'Post',
  tableName: 'posts',
  columns: { id, title: text, authorId: { type: 'int', name: 'author_id' } },
  relations: {
    author: { type: 'many-to-one', target: 'Author', joinColumn: { name: 'author_id' } },
    comments: { type: 'one-to-many', target: 'Comment', inverseSide: 'post' },
  },
});
const Comment = new EntitySchema({
  name: 'Comment',
  tableName: 'comments',
  columns: { id, body: text, postId: { type: 'int', name: 'post_id' } },
  relations: {
    post: { type: 'many-to-one', target: 'Post', joinColumn: { name: 'post_id' }, inverseSide: 'comments' },
  },
});
const Counter = new EntitySchema({ name: 'Counter', tableName: 'counters', columns: { id, value: { type: 'int' } } });
const Slug = new EntitySchema({
  name: 'Slug',
  tableName: 'slugs',
  columns: { slug: { type: 'varchar', primary: true } },
});
const Import = new EntitySchema({
  name: 'Import',
  tableName: 'imports',
  columns: { batch: { type: 'varchar', primary: true }, position: id, label: text },
});

exports.database = new DataSource({
  type: 'postgres',
  url: process.env.DATABASE_URL,
  entities: [Author, Post, Comment, Counter, Slug, Import],
  poolSize: 4,
  logging: false,
});
