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
export const ATTR_DB_RESPONSE_RETURNED_ROWS = 'db.response.returned_rows';
/** Older instrumentations write these for the two above. */
export const ATTR_DB_SYSTEM_OLD = 'db.system';
export const ATTR_DB_STATEMENT_OLD = 'db.statement';

export const ATTR_HTTP_REQUEST_METHOD = 'http.request.method';
export const ATTR_HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code';
export const ATTR_HTTP_ROUTE = 'http.route';
export const ATTR_URL_PATH = 'url.path';
export const ATTR_URL_QUERY = 'url.query';
export const ATTR_URL_FULL = 'url.full';
export const ATTR_MESSAGING_DESTINATION_TEMPLATE = 'messaging.destination.template';
export const ATTR_MESSAGING_DESTINATION_NAME = 'messaging.destination.name';

export const ATTR_EXCEPTION_MESSAGE = 'exception.message';
export const ATTR_EXCEPTION_STACKTRACE = 'exception.stacktrace';

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
