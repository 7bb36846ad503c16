export * from './asked.ts';
export * from './question.ts';
export { believed } from './two-faced.ts';
