// Lets a design file from anywhere on disk import '@lastref/…' as if it stood in this repository.
let parent;

export function initialize(data) {
  parent = data.parent;
}

export function resolve(specifier, context, next) {
  return specifier.startsWith('@lastref/')
    ? next(specifier, { ...context, parentURL: parent })
    : next(specifier, context);
}
