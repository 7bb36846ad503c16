export * from './cells.ts';
export * from './finds.ts';
export * from './kernel-cells.ts';
export * from './other-cells.ts';
export * from './judged.ts';
export * from './junit.ts';
export * from './sarif.ts';
export * from './standing.ts';
