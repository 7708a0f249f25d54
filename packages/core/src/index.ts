export * from './base/ids.ts';
