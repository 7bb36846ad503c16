export * from './experiment.ts';
export * from './ledger.ts';
export * from './observations.ts';
export * from './question.ts';
export * from './reading.ts';
export * from './run.ts';
export * from './sources/index.ts';
export * from './variants.ts';
