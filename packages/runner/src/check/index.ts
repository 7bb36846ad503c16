export * from './asked.ts';
export * from './question.ts';
