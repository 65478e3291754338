/**
 * Every attribute name that slowpath reads or writes, once.
 * OpenTelemetry's names are kept as a copy, as it asks of libraries for names that are not stable:
 * https://opentelemetry.io/docs/specs/semconv/
 */

export const ATTR_DB_SYSTEM_NAME = 'db.system.name';
export const ATTR_DB_QUERY_TEXT = 'db.query.text';
export const ATTR_DB_QUERY_SUMMARY = 'db.query.summary';
export const ATTR_DB_NAMESPACE = 'db.namespace';
export const ATTR_DB_OPERATION_NAME = 'db.operation.name';
export const ATTR_DB_COLLECTION_NAME = 'db.collection.name';
export const ATTR_DB_OPERATION_BATCH_SIZE = 'db.operation.batch.size';
export const ATTR_DB_RESPONSE_RETURNED_ROWS = 'db.response.returned_rows';
/** Older instrumentations write these for the two above. */
export const ATTR_DB_SYSTEM_OLD = 'db.system';
export const ATTR_DB_STATEMENT_OLD = 'db.statement';
/** The key of a memcached command, which has no text. */
export const ATTR_DB_MEMCACHED_KEY = 'db.memcached.key';

export const ATTR_HTTP_REQUEST_METHOD = 'http.request.method';
export const ATTR_HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code';
export const ATTR_HTTP_ROUTE = 'http.route';
export const ATTR_URL_PATH = 'url.path';
export const ATTR_URL_QUERY = 'url.query';
export const ATTR_URL_FULL = 'url.full';
export const ATTR_URL_TEMPLATE = 'url.template';
/** Older instrumentations write these for the method, the status and the URL of a call. */
export const ATTR_HTTP_METHOD_OLD = 'http.method';
export const ATTR_HTTP_STATUS_CODE_OLD = 'http.status_code';
export const ATTR_HTTP_URL_OLD = 'http.url';
export const ATTR_MESSAGING_DESTINATION_TEMPLATE = 'messaging.destination.template';
export const ATTR_MESSAGING_DESTINATION_NAME = 'messaging.destination.name';

export const ATTR_CODE_FILE_PATH = 'code.file.path';
export const ATTR_CODE_LINE_NUMBER = 'code.line.number';
export const ATTR_CODE_COLUMN_NUMBER = 'code.column.number';
export const ATTR_CODE_FUNCTION_NAME = 'code.function.name';
/** Older instrumentations write these. */
export const ATTR_CODE_FILEPATH_OLD = 'code.filepath';
export const ATTR_CODE_LINENO_OLD = 'code.lineno';
export const ATTR_CODE_FUNCTION_OLD = 'code.function';

export const ATTR_EXCEPTION_MESSAGE = 'exception.message';
export const ATTR_EXCEPTION_STACKTRACE = 'exception.stacktrace';
export const ATTR_EXCEPTION_TYPE = 'exception.type';

/** The record's endpoint, on the root span. */
export const ATTR_SLOWPATH_ENDPOINT = 'slowpath.endpoint';
export const ATTR_SLOWPATH_QUERY_COUNT = 'slowpath.query.count';
/** Seconds. */
export const ATTR_SLOWPATH_QUERY_DURATION = 'slowpath.query.duration';
export const ATTR_SLOWPATH_TRANSACTION_COUNT = 'slowpath.transaction.count';
/** On the root span: the request passed slow-endpoint. On a query's span: the query passed slow-query. */
export const ATTR_SLOWPATH_SLOW = 'slowpath.slow';
export const ATTR_SLOWPATH_SLOW_QUERY_COUNT = 'slowpath.slow_query.count';
export const ATTR_SLOWPATH_N_PLUS_ONE_COUNT = 'slowpath.n_plus_one.count';
/** string[] of kinds. */
export const ATTR_SLOWPATH_FINDINGS = 'slowpath.findings';

export const EVENT_SLOWPATH_FINDING = 'slowpath.finding';
export const ATTR_FINDING_KIND = 'slowpath.finding.kind';
export const ATTR_FINDING_SEVERITY = 'slowpath.finding.severity';
export const ATTR_FINDING_COUNT = 'slowpath.finding.count';
export const ATTR_FINDING_FINGERPRINT = 'slowpath.finding.fingerprint';
export const ATTR_FINDING_SUMMARY = 'slowpath.finding.summary';
export const ATTR_FINDING_QUERY = 'slowpath.finding.query';
export const ATTR_FINDING_OPERATION = 'slowpath.finding.operation';
export const ATTR_FINDING_MODE = 'slowpath.finding.mode';
/** 0–1. */
export const ATTR_FINDING_CONFIDENCE = 'slowpath.finding.confidence';
/** `file:line:column` of the application. */
export const ATTR_FINDING_CALL_SITE = 'slowpath.finding.call_site';
/** Milliseconds that the fix would take off such a request, from the least that is to be expected to the most. */
export const ATTR_FINDING_SAVED_MS_LOW = 'slowpath.finding.saved_ms_low';
export const ATTR_FINDING_SAVED_MS_HIGH = 'slowpath.finding.saved_ms_high';

/**
 * Of caches OpenTelemetry's conventions have no word yet: https://github.com/open-telemetry/semantic-conventions/issues/1747
 * These are the words that others use already, where they use one.
 *
 * On the span of a look-up: a value was found, a stale one included. On the root span: there was a look-up and all of them
 * were answered from a cache. On a query's span: an ORM's cache has answered it, and no database.
 */
export const ATTR_CACHE_HIT = 'cache.hit';
/** One of `CACHE_RESULTS`. */
export const ATTR_CACHE_RESULT = 'cache.result';
/** `get`, `set`, `get_or_compute`, `delete`, `invalidate_tags` or `clear`. */
export const ATTR_CACHE_OPERATION = 'cache.operation';
export const ATTR_CACHE_NAME = 'cache.name';
/** `user:{userId}:settings`, or `(unregistered)` for a key that is a plain string. */
export const ATTR_CACHE_KEY_PATTERN = 'cache.key_pattern';
/** Where the value was found: `l1` in the process, `l2` in the store behind it. */
export const ATTR_CACHE_TIER = 'cache.tier';
/** Whole seconds. */
export const ATTR_CACHE_TTL = 'cache.ttl';
/** Bytes. */
export const ATTR_CACHE_ITEM_SIZE = 'cache.item_size';
/** False when what was computed was not stored: it was invalidated meanwhile, or refused. */
export const ATTR_CACHE_WRITE = 'cache.write';
/** string[]: `user:{userId}`, never the filled-in tag. */
export const ATTR_CACHE_TAG_PATTERNS = 'cache.tag_patterns';
/** string[]. Only where the user asks for it: a key holds ids. */
export const ATTR_CACHE_KEY = 'cache.key';

/** On the root span, over the request's look-ups: absent while there was none. */
export const ATTR_CACHE_LOOKUP_COUNT = 'cache.lookup_count';
/** Stale values included. */
export const ATTR_CACHE_HIT_COUNT = 'cache.hit_count';
export const ATTR_CACHE_MISS_COUNT = 'cache.miss_count';
export const ATTR_CACHE_COALESCED_COUNT = 'cache.coalesced_count';
export const ATTR_CACHE_STALE_COUNT = 'cache.stale_count';
export const ATTR_CACHE_ERROR_COUNT = 'cache.error_count';
/** Hits over look-ups, 0–1. */
export const ATTR_CACHE_HIT_RATIO = 'cache.hit_ratio';
/** Seconds that the request's own computations took. */
export const ATTR_CACHE_COMPUTE_TIME = 'cache.compute_time';
/** Seconds, an estimate: what the values that were hit took to compute. */
export const ATTR_CACHE_SAVED_TIME = 'cache.saved_time';

/** `size`: there was no room. `ttl`: its time was up. */
export const ATTR_CACHE_EVICTION_REASON = 'cache.eviction.reason';
/** `key`, `tag` or `clear`. */
export const ATTR_CACHE_INVALIDATION_KIND = 'cache.invalidation.kind';
export const ATTR_CACHE_TAG_PATTERN = 'cache.tag_pattern';
/** `valid` or `expired`. */
export const ATTR_CACHE_ENTRY_STATE = 'cache.entry.state';

export const ATTR_URL_SCHEME = 'url.scheme';
export const ATTR_NETWORK_PROTOCOL_VERSION = 'network.protocol.version';
export const ATTR_NETWORK_PEER_ADDRESS = 'network.peer.address';
export const ATTR_NETWORK_PEER_PORT = 'network.peer.port';
export const ATTR_SERVER_ADDRESS = 'server.address';
export const ATTR_SERVER_PORT = 'server.port';
export const ATTR_CLIENT_ADDRESS = 'client.address';
export const ATTR_USER_AGENT_ORIGINAL = 'user_agent.original';
export const ATTR_HTTP_REQUEST_METHOD_ORIGINAL = 'http.request.method_original';
/** Of a prepared statement; not standard, the name that OpenTelemetry's pg instrumentation writes. */
export const ATTR_DB_POSTGRESQL_PLAN = 'db.postgresql.plan';
export const ATTR_ERROR_TYPE = 'error.type';
export const ATTR_DB_RESPONSE_STATUS_CODE = 'db.response.status_code';
/** Stands alone on the series that takes what found no place in a series of its own. */
export const ATTR_METRIC_OVERFLOW = 'otel.metric.overflow';
/** Why a span was dropped: one of the reasons of `DropReason`. */
export const ATTR_SLOWPATH_DROP_REASON = 'slowpath.drop.reason';

/** Seconds. */
export const METRIC_HTTP_SERVER_REQUEST_DURATION = 'http.server.request.duration';
/** Seconds. */
export const METRIC_DB_CLIENT_OPERATION_DURATION = 'db.client.operation.duration';
/** Of pools; the names of OpenTelemetry's pg instrumentation. */
export const METRIC_DB_CLIENT_CONNECTION_COUNT = 'db.client.connection.count';
export const METRIC_DB_CLIENT_CONNECTION_PENDING_REQUESTS = 'db.client.connection.pending_requests';
export const METRIC_DB_CLIENT_CONNECTION_MAX = 'db.client.connection.max';
export const ATTR_DB_CLIENT_CONNECTION_POOL_NAME = 'db.client.connection.pool.name';
export const ATTR_DB_CLIENT_CONNECTION_STATE = 'db.client.connection.state';
export const METRIC_SLOWPATH_REQUEST_QUERIES = 'slowpath.request.queries';
export const METRIC_SLOWPATH_FINDINGS = 'slowpath.findings';
/** Seconds since 1970. */
export const METRIC_SLOWPATH_FINDING_FIRST_SEEN = 'slowpath.finding.first_seen';
export const METRIC_SLOWPATH_SPANS_DROPPED = 'slowpath.spans.dropped';

export const METRIC_CACHE_REQUESTS = 'cache.requests';
/** Seconds. */
export const METRIC_CACHE_COMPUTE_DURATION = 'cache.compute.duration';
/** Seconds; of the second tier alone. */
export const METRIC_CACHE_OPERATION_DURATION = 'cache.operation.duration';
export const METRIC_CACHE_EVICTIONS = 'cache.evictions';
export const METRIC_CACHE_INVALIDATIONS = 'cache.invalidations';
/** Values that were invalidated while they were computed. */
export const METRIC_CACHE_DISCARDED_STORES = 'cache.discarded_stores';
export const METRIC_CACHE_ENTRY_COUNT = 'cache.entry.count';
/** Bytes. */
export const METRIC_CACHE_SIZE = 'cache.size';
