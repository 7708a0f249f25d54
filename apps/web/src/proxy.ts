import { type NextRequest, NextResponse } from 'next/server';
import { pageHeaders } from './server/page-headers.ts';

/** Puts the headers of `page-headers.ts` on every page, with a nonce that Next gives to the scripts it writes. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = crypto.randomUUID();
  const headers = pageHeaders(nonce, process.env.NODE_ENV === 'development');
  const forwarded = new Headers(request.headers);
  forwarded.set('x-nonce', nonce);
  forwarded.set('content-security-policy', headers['content-security-policy'] ?? '');
  const response = NextResponse.next({ request: { headers: forwarded } });
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

/** Pages alone: routes of the API and files bring their own headers. Next reads this before it runs anything. */
export const config = {
  matcher: ['/((?!api/|rpc/|gossip/|healthz$|readyz$|_next/|icon\\.svg$).*)'],
};
