const { knex } = require('./database.cjs');

exports.commentsOf = async (postId) => {
  return await knex('comments').where({ post_id: postId }).orderBy('id').pluck('body'); // planted: nplus1-parallel
};

exports.authorName = async (id) => {
  const author = await knex('authors').where({ id }).first('name'); // planted: duplicate
  return author.name;
};
