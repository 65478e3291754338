const { randomUUID } = require('node:crypto');
const { Op, QueryTypes } = require('sequelize');
const { chunkOf, range, serveRoutes } = require('../../support/serve-routes.cjs');
const { sequelize, Author, Post, Comment, Counter, Slug, Import } = require('./database.cjs');
const { authorName, commentsOf } = require('./lookups.cjs');

const firstPosts = (limit) => Post.findAll({ order: ['id'], limit });
const bodies = (comments) => comments.map(({ body }) => body);

void serveRoutes(() => sequelize.query('SELECT pg_sleep(0.05)'), {
  '/nplus1': async () => {
    const result = [];
    for (const post of await firstPosts(10)) {
      const comments = await post.getComments({ order: ['id'] }); // planted: nplus1
      result.push({ title: post.title, comments: bodies(comments) });
    }
    return result;
  },
  '/nplus1-parallel': async () => {
    const posts = await firstPosts(10);
    return Promise.all(posts.map(async ({ id, title }) => ({ title, comments: await commentsOf(id) })));
  },
  '/nested': async () => {
    const result = [];
    for (const author of await Author.findAll({ order: ['id'], limit: 6 })) {
      const posts = [];
      const written = await author.getPosts({ order: ['id'] }); // planted: nested
      for (const post of written) {
        const comments = await post.getComments({ order: ['id'] }); // planted: nested
        posts.push({ title: post.title, comments: bodies(comments) });
      }
      result.push({ name: author.name, posts });
    }
    return result;
  },
  '/interleaved': async () => {
    const result = [];
    for (const post of await firstPosts(8)) {
      const author = await post.getAuthor(); // planted: interleaved
      const comments = await Comment.count({ where: { postId: post.id } }); // planted: interleaved
      result.push({ title: post.title, author: author.name, comments });
    }
    return result;
  },
  '/write-loop': async () => {
    const batch = randomUUID();
    for (const position of range(6)) {
      await Import.create({ batch, position, label: 'one' }); // planted: write-loop
    }
    for (const id of range(6)) {
      await sequelize.transaction(async (transaction) => {
        await Counter.increment('value', { where: { id }, transaction }); // planted: write-loop
      });
    }
    return 12;
  },
  '/duplicate': async () => [await authorName(3), await authorName(3), await authorName(3), await authorName(3)],
  '/literals': async () => {
    const names = [];
    const sql = 'SELECT name FROM authors WHERE id = ?';
    for (const id of range(6)) {
      // Replacements are written into the statement.
      const [author] = await sequelize.query(sql, { replacements: [id], type: QueryTypes.SELECT }); // planted: literals
      names.push(author.name);
    }
    return names;
  },
  '/slow': async () => (await sequelize.query('SELECT pg_sleep(0.25)', { type: QueryTypes.SELECT })).length,

  '/join': async () => {
    const order = [['id'], [Comment, 'id']];
    const posts = await Post.findAll({ include: Comment, order, limit: 10 });
    return posts.map(({ title, comments }) => ({ title, comments: bodies(comments) }));
  },
  '/batched': async () => {
    const posts = await firstPosts(10);
    const comments = await Comment.findAll({ where: { postId: posts.map(({ id }) => id) }, order: ['id'] });
    return posts.map(({ id, title }) => ({ title, comments: bodies(comments.filter(({ postId }) => postId === id)) }));
  },
  '/page': async () => {
    const titles = [];
    let after = 0;
    for (const _ of range(6)) {
      const posts = await Post.findAll({ where: { id: { [Op.gt]: after } }, order: ['id'], limit: 5 });
      after = posts.at(-1).id;
      titles.push(...posts.map(({ title }) => title));
    }
    return titles;
  },
  '/chunked': async () => {
    const batch = randomUUID();
    for (const chunk of range(5)) await Import.bulkCreate(chunkOf(batch, chunk, 100));
    return 500;
  },
  '/transaction': (id) =>
    sequelize.transaction(async (transaction) => {
      const post = await Post.findByPk(id, { transaction });
      await Counter.increment('value', { where: { id }, transaction });
      await Import.destroy({ where: { batch: `nothing ${id}` }, transaction });
      return post.title;
    }),
  '/single': async (id) => await Post.findByPk(id, { attributes: ['id', 'title'] }),
  '/retry': (id) =>
    sequelize.transaction(async (outer) => {
      const slug = `taken ${id}`;
      for (let attempt = 1; ; attempt++) {
        try {
          // A transaction within a transaction is a savepoint.
          await sequelize.transaction({ transaction: outer }, async (transaction) => {
            if (attempt === 5) await Slug.destroy({ where: { slug }, transaction });
            await Slug.create({ slug }, { transaction });
          });
          return attempt;
        } catch (error) {
          if (attempt === 5) throw error;
        }
      }
    }),
  '/list': async () => {
    const count = await Author.count();
    const first = await Post.findOne({ order: ['id'] });
    const last = await Comment.findOne({ order: [['id', 'DESC']] });
    return [count, first.title, last.body];
  },
});
