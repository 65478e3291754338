const { DataTypes, Sequelize } = require('sequelize');

const sequelize = new Sequelize(process.env.DATABASE_URL, {
  logging: false,
  pool: { max: 4 },
  define: { timestamps: false, underscored: true },
});
const id = { type: DataTypes.INTEGER, primaryKey: true };
const Author = sequelize.define('author', { id, name: DataTypes.STRING });
const Post = sequelize.define('post', { id, title: DataTypes.STRING, authorId: DataTypes.INTEGER });
const Comment = sequelize.define('comment', { id, body: DataTypes.STRING, postId: DataTypes.INTEGER });
const Counter = sequelize.define('counter', { id, value: DataTypes.INTEGER });
const Slug = sequelize.define('slug', { slug: { type: DataTypes.STRING, primaryKey: true } });
const Import = sequelize.define('import', {
  batch: { type: DataTypes.STRING, primaryKey: true },
  position: { type: DataTypes.INTEGER, primaryKey: true },
  label: DataTypes.STRING,
});
Author.hasMany(Post);
Post.belongsTo(Author);
Post.hasMany(Comment);

module.exports = { sequelize, Author, Post, Comment, Counter, Slug, Import };
