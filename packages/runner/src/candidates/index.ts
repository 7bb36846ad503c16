export * from './card.ts';
export * from './compile.ts';
export * from './guard.ts';
export * from './known.ts';
export * from './load.ts';
export * from './question.ts';
export * from './rules.ts';
