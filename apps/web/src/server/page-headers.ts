/**
 * What a browser may do with a page of the console. Values of the database are shown on these pages, and whoever can
 * write a value must not be able to run a script with it: only scripts that carry the answer's nonce run, and no other
 * site can show a page of ours inside its own.
 */
export function pageHeaders(nonce: string, isDevelopment: boolean): Readonly<Record<string, string>> {
  return {
    'content-security-policy': contentPolicy(nonce, isDevelopment),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}

/** React's development build makes its stack traces with `eval`; the built console needs none. */
function contentPolicy(nonce: string, isDevelopment: boolean): string {
  const scripts = [
    "'self'",
    `'nonce-${nonce}'`,
    "'strict-dynamic'",
    ...(isDevelopment ? ["'unsafe-eval'"] : []),
  ];
  const directives = [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    // Places and sizes of what is drawn are attributes: they cannot carry a nonce.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    // A page follows whichever node answers, and nodes may be anywhere; requests go to this origin alone.
    "connect-src 'self' ws: wss:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return directives.join('; ');
}
