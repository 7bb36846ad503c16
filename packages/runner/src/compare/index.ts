export * from './clock.ts';
export * from './question.ts';
export { rowIn } from './document.ts';
