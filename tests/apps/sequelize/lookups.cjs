const { Author, Comment } = require('./database.cjs');

exports.commentsOf = async (postId) => {
  const comments = await Comment.findAll({ where: { postId }, order: ['id'] }); // planted: nplus1-parallel
  return comments.map(({ body }) => body);
};

exports.authorName = async (id) => {
  const author = await Author.findByPk(id); // planted: duplicate
  return author.name;
};
