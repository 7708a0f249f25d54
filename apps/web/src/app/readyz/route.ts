export { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } from '../../server/gateway.ts';

export const dynamic = 'force-dynamic';
