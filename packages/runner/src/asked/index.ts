export * from './capture.ts';
export * from './cells.ts';
export * from './input.ts';
