// TypeScript's compiler in a page, where nothing is required.
export { default as compiler } from 'typescript';
