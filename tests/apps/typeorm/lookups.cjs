const { database } = require('./database.cjs');

exports.commentsOf = async (postId) => {
  const comments = await database.getRepository('Comment').find({ where: { postId }, order: { id: 'ASC' } }); // planted: nplus1-parallel
  return comments.map(({ body }) => body);
};

exports.authorName = async (id) => {
  const author = await database.getRepository('Author').findOneBy({ id }); // planted: duplicate
  return author.name;
};
