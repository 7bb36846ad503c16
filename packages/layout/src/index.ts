export * from './added.ts';
export * from './buffer.ts';
export type * from './ctype.ts';
export * from './eras.ts';
export * from './layout.ts';
export * from './listing.ts';
export * from './sizes.ts';
