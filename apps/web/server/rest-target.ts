/** Paths that are REST and no pages. */
const restPath = /^\/(?:api|gossip|healthz|readyz)(?:\/|$)/;
const dataPath = '/api/v1/data/';

/**
 * A raw request target in a form that Next passes on unchanged: Next redirects `//`, resolves `.` and `..`, and answers a
 * broken escape with a page, all before any code of a route runs. In a key those are bytes like any others, so the slashes of
 * such a key are escaped here. Null if an escape is broken in a path that is REST. Every other target is answered as it is.
 */
export function restTarget(target: string): string | null {
  const end = target.search(/[?#]/);
  const path = end < 0 ? target : target.slice(0, end);
  if (!restPath.test(path)) return target;
  if (!canBeDecoded(path)) return null;
  if (!path.startsWith(dataPath)) return target;
  const key = path.slice(dataPath.length);
  return isChangedByParsers(key)
    ? `${dataPath}${key.replaceAll('/', '%2F')}${target.slice(path.length)}`
    : target;
}

function canBeDecoded(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether a parser of URLs would take the slashes of `key` for more than bytes. */
function isChangedByParsers(key: string): boolean {
  const segments = key.split('/');
  return (
    segments.length > 1 && segments.some((segment) => segment === '' || /^(?:\.|%2e){1,2}$/i.test(segment))
  );
}
