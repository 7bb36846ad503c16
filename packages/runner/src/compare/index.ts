export * from './clock.ts';
export * from './question.ts';
