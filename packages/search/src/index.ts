export * from './cell.ts';
export * from './exhaustive/bound.ts';
export * from './exhaustive/explore.ts';
export * from './exhaustive/machine-fingerprint.ts';
export { leftOut, stateFields } from './exhaustive/shapes.ts';
export * from './fingerprint.ts';
export * from './queue.ts';
export * from './trail.ts';
export * from './visited.ts';
