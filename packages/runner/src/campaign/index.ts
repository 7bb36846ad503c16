export * from './batch.ts';
export * from './begin.ts';
export * from './campaign.ts';
export * from './corpus.ts';
export * from './journal.ts';
export * from './question.ts';
export * from './kept.ts';
export * from './possible.ts';
