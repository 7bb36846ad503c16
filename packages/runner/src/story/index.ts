export * from './program.ts';
export * from './question.ts';
export * from './record.ts';
export * from './stories.ts';
export * from './witness.ts';
