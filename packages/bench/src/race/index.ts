export * from './measure.ts';
export * from './model.ts';
export * from './reduce.ts';
export * from './rumur.ts';
export * from './search.ts';
export * from './sizes.ts';
export * from './spin.ts';
