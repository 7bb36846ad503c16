export * from './bug.ts';
export * from './catalog/index.ts';
export * from './find.ts';
export * from './hunt.ts';
export * from './question.ts';
