export { addressOf } from './link.ts';
export * from './pieces.ts';
export * from './produce.ts';
export * from './work.ts';
