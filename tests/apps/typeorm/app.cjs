const { randomUUID } = require('node:crypto');
const { In, LessThanOrEqual, MoreThan } = require('typeorm');
const { chunkOf, range, serveRoutes } = require('../../support/serve-routes.cjs');
const { database } = require('./database.cjs');
const { authorName, commentsOf } = require('./lookups.cjs');

const [authors, posts, comments] = ['Author', 'Post', 'Comment'].map((name) => database.getRepository(name));
const imports = database.getRepository('Import');
const firstPosts = (take) => posts.find({ order: { id: 'ASC' }, take });
const order = { id: 'ASC' };
const bodies = (rows) => rows.map(({ body }) => body);

const serve = () =>
  serveRoutes(() => database.query('SELECT pg_sleep(0.05)'), {
    '/nplus1': async () => {
      const result = [];
      for (const { id, title } of await firstPosts(10)) {
        const written = await comments.find({ where: { postId: id }, order }); // planted: nplus1
        result.push({ title, comments: bodies(written) });
      }
      return result;
    },
    '/nplus1-parallel': async () => {
      const list = await firstPosts(10);
      return Promise.all(list.map(async ({ id, title }) => ({ title, comments: await commentsOf(id) })));
    },
    '/nested': async () => {
      const result = [];
      for (const { id, name } of await authors.find({ order, take: 6 })) {
        const own = [];
        const written = await posts.findBy({ authorId: id }); // planted: nested
        for (const post of written.toSorted((a, b) => a.id - b.id)) {
          const answers = await comments.find({ where: { postId: post.id }, order }); // planted: nested
          own.push({ title: post.title, comments: bodies(answers) });
        }
        result.push({ name, posts: own });
      }
      return result;
    },
    '/interleaved': async () => {
      const result = [];
      for (const { id, title, authorId } of await firstPosts(8)) {
        const author = await authors.findOneByOrFail({ id: authorId }); // planted: interleaved
        const count = await comments.countBy({ postId: id }); // planted: interleaved
        result.push({ title, author: author.name, comments: count });
      }
      return result;
    },
    '/write-loop': async () => {
      const batch = randomUUID();
      for (const position of range(6)) {
        await imports.insert({ batch, position, label: 'one' }); // planted: write-loop
      }
      for (const id of range(6)) {
        await database.transaction(async (manager) => {
          await manager.increment('Counter', { id }, 'value', 1); // planted: write-loop
        });
      }
      return 12;
    },
    '/duplicate': async () => [await authorName(3), await authorName(3), await authorName(3), await authorName(3)],
    '/literals': async () => {
      const names = [];
      for (const id of range(6)) {
        const author = await authors.createQueryBuilder('a').where(`a.id = ${id}`).getOne(); // planted: literals
        names.push(author.name);
      }
      return names;
    },
    '/slow': async () => (await database.query('SELECT pg_sleep(0.25)')).length,

    '/join': async () => {
      const where = { id: LessThanOrEqual(10) };
      const loaded = await posts.find({ where, relations: { comments: true }, order: { id: 'ASC', comments: order } });
      return loaded.map((post) => ({ title: post.title, comments: bodies(post.comments) }));
    },
    '/batched': async () => {
      const list = await firstPosts(10);
      const written = await comments.find({ where: { postId: In(list.map(({ id }) => id)) }, order });
      return list.map(({ id, title }) => ({ title, comments: bodies(written.filter(({ postId }) => postId === id)) }));
    },
    '/page': async () => {
      const titles = [];
      let after = 0;
      for (const _ of range(6)) {
        const page = await posts.find({ where: { id: MoreThan(after) }, order, take: 5 });
        after = page.at(-1).id;
        titles.push(...page.map(({ title }) => title));
      }
      return titles;
    },
    '/chunked': async () => {
      const batch = randomUUID();
      for (const chunk of range(5)) await imports.insert(chunkOf(batch, chunk, 100));
      return 500;
    },
    '/transaction': (id) =>
      database.transaction(async (manager) => {
        const post = await manager.findOneBy('Post', { id });
        await manager.increment('Counter', { id }, 'value', 1);
        await manager.delete('Import', { batch: `nothing ${id}` });
        return post.title;
      }),
    '/single': async (id) => await posts.findOne({ where: { id }, select: { id: true, title: true } }),
    '/retry': (id) =>
      database.transaction(async (manager) => {
        const slug = `taken ${id}`;
        for (let attempt = 1; ; attempt++) {
          try {
            // A transaction within a transaction is a savepoint.
            await manager.transaction(async (savepoint) => {
              if (attempt === 5) await savepoint.delete('Slug', { slug });
              await savepoint.insert('Slug', { slug });
            });
            return attempt;
          } catch (error) {
            if (attempt === 5) throw error;
          }
        }
      }),
    '/list': async () => {
      const count = await authors.count();
      const first = await posts.findOneOrFail({ where: {}, order });
      const last = await comments.findOneOrFail({ where: {}, order: { id: 'DESC' } });
      return [count, first.title, last.body];
    },
  });

void database.initialize().then(serve);
