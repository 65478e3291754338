/** An official instrumentation, and the packages that it is for. */
export interface OfficialPackage {
  /** What follows `@opentelemetry/instrumentation-`; the name by which the standard variables know it. */
  readonly name: string;
  readonly className: string;
  /** It is loaded when one of these is. */
  readonly packages: readonly string[];
}

/**
 * Those of `@opentelemetry/auto-instrumentations-node` that patch a package. HTTP clients stand apart, for what they patch is
 * there from the start; so do those that are off unless they are named.
 */
export const OFFICIAL_PACKAGES: readonly OfficialPackage[] = [
  { name: 'amqplib', className: 'AmqplibInstrumentation', packages: ['amqplib'] },
  {
    name: 'aws-sdk',
    className: 'AwsInstrumentation',
    packages: [
      '@aws-sdk/middleware-stack',
      '@aws-sdk/smithy-client',
      '@smithy/middleware-stack',
      '@smithy/smithy-client',
      '@smithy/core',
    ],
  },
  { name: 'cassandra-driver', className: 'CassandraDriverInstrumentation', packages: ['cassandra-driver'] },
  { name: 'cucumber', className: 'CucumberInstrumentation', packages: ['@cucumber/cucumber'] },
  { name: 'dataloader', className: 'DataloaderInstrumentation', packages: ['dataloader'] },
  { name: 'graphql', className: 'GraphQLInstrumentation', packages: ['graphql'] },
  { name: 'grpc', className: 'GrpcInstrumentation', packages: ['@grpc/grpc-js'] },
  { name: 'hapi', className: 'HapiInstrumentation', packages: ['@hapi/hapi'] },
  { name: 'ioredis', className: 'IORedisInstrumentation', packages: ['ioredis'] },
  { name: 'kafkajs', className: 'KafkaJsInstrumentation', packages: ['kafkajs'] },
  { name: 'knex', className: 'KnexInstrumentation', packages: ['knex'] },
  { name: 'koa', className: 'KoaInstrumentation', packages: ['koa'] },
  { name: 'lru-memoizer', className: 'LruMemoizerInstrumentation', packages: ['lru-memoizer'] },
  { name: 'memcached', className: 'MemcachedInstrumentation', packages: ['memcached'] },
  { name: 'mongodb', className: 'MongoDBInstrumentation', packages: ['mongodb'] },
  { name: 'mongoose', className: 'MongooseInstrumentation', packages: ['mongoose'] },
  { name: 'mysql', className: 'MySQLInstrumentation', packages: ['mysql'] },
  { name: 'mysql2', className: 'MySQL2Instrumentation', packages: ['mysql2'] },
  { name: 'nestjs-core', className: 'NestInstrumentation', packages: ['@nestjs/core'] },
  { name: 'openai', className: 'OpenAIInstrumentation', packages: ['openai'] },
  { name: 'oracledb', className: 'OracleInstrumentation', packages: ['oracledb'] },
  { name: 'redis', className: 'RedisInstrumentation', packages: ['redis', '@redis/client', '@node-redis/client'] },
  { name: 'restify', className: 'RestifyInstrumentation', packages: ['restify'] },
  { name: 'socket.io', className: 'SocketIoInstrumentation', packages: ['socket.io'] },
  { name: 'tedious', className: 'TediousInstrumentation', packages: ['tedious'] },
];

/** Loaded at the start, where OTEL_NODE_ENABLED_INSTRUMENTATIONS names them. */
export const OFFICIAL_WHEN_NAMED: readonly OfficialPackage[] = [
  ['aws-lambda', 'AwsLambdaInstrumentation'],
  ['bunyan', 'BunyanInstrumentation'],
  ['connect', 'ConnectInstrumentation'],
  ['dns', 'DnsInstrumentation'],
  ['fs', 'FsInstrumentation'],
  ['generic-pool', 'GenericPoolInstrumentation'],
  ['host-metrics', 'HostMetricsInstrumentation'],
  ['net', 'NetInstrumentation'],
  ['pino', 'PinoInstrumentation'],
  ['router', 'RouterInstrumentation'],
  ['runtime-node', 'RuntimeNodeInstrumentation'],
  ['winston', 'WinstonInstrumentation'],
].map(([name = '', className = '']) => ({ name, className, packages: [] }));

/** Packages with ES modules of their own, which nothing but a hook in the module loader sees. */
export const ES_MODULE_PACKAGES: readonly string[] = ['drizzle-orm', 'graphql', 'openai'];
