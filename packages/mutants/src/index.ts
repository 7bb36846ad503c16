export * from './counts.ts';
export * from './hooks.ts';
export * from './hunt.ts';
export * from './of-design.ts';
export * from './operations.ts';
export * from './question.ts';
export * from './trials.ts';
export * from './under.ts';
