// The boundaries of the house, as a function from sources to what breaks them.
// Unchecked: what a file reaches through a value that it is handed.
import { builtinModules } from 'node:module';
import { importsOf, packageOf, targetOf, type Import, type Sources } from './imports.ts';

/** What breaks a boundary, a line each; empty: nothing does. */
export function broken(sources: Sources): string[] {
  const imports = importsOf(sources);
  return [
    ...undeclared(sources, imports),
    ...leaving(sources, imports),
    ...packageCircles(sources),
    ...fileCircles(sources, imports),
    ...knowing(imports),
  ];
}

const at = (i: Import): string => `${i.from}:${i.line} imports ${i.specifier}`;

/** `@lastref/runner` of '@lastref/runner/compare', `zod` of 'zod'. */
function moduleOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/** An import under src comes from `dependencies`. */
function undeclared(sources: Sources, imports: readonly Import[]): string[] {
  return imports
    .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
    .filter(({ specifier }) => !builtinModules.includes(moduleOf(specifier)))
    .filter(({ from, specifier }) => {
      const { name, dependencies } = packageOf(sources, from);
      const module = moduleOf(specifier);
      return module !== name && !dependencies.includes(module);
    })
    .map((i) => `${at(i)}, which is no dependency of ${packageOf(sources, i.from).name}`);
}

/** A relative path does not leave its package. */
function leaving(sources: Sources, imports: readonly Import[]): string[] {
  return imports
    .filter((i) => {
      const target = targetOf(sources, i);
      return target !== null && packageOf(sources, target) !== packageOf(sources, i.from);
    })
    .map((i) => `${at(i)}, a file of another package`);
}

/** Packages that need each other, by `dependencies`. */
function packageCircles({ packages }: Sources): string[] {
  const names = new Set(packages.map((p) => p.name));
  const next = new Map(
    packages.map((p) => [p.name, p.dependencies.filter((d) => names.has(d))] as const),
  );
  return circles(next).map((c) => `packages need each other: ${c.join(' -> ')}`);
}

/** Files that need each other's values to load. */
function fileCircles(sources: Sources, imports: readonly Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const i of imports) {
    const target = targetOf(sources, i);
    if (target === null || i.lazy || i.values.length === 0) continue;
    next.set(i.from, [...(next.get(i.from) ?? []), target]);
  }
  return circles(next).map((c) => `files need each other's values: ${c.join(' -> ')}`);
}

/** Every group of two or more that lead to each other (Tarjan), in alphabetical order. */
function circles(next: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    for (const other of next.get(node) ?? []) {
      if (!index.has(other)) visit(other);
      if (stack.includes(other)) low.set(node, Math.min(low.get(node)!, low.get(other)!));
    }
    if (low.get(node) !== index.get(node)) return;
    const group = stack.splice(stack.indexOf(node)).sort();
    if (group.length > 1 || (next.get(node) ?? []).includes(node)) found.push(group);
  };
  for (const node of [...next.keys()].sort()) if (!index.has(node)) visit(node);
  return found;
}

interface Boundary {
  readonly says: string;
  readonly who: RegExp;
  readonly never: RegExp;
}

/** Who does not know whom, beyond what `dependencies` say. */
const BOUNDARIES: readonly Boundary[] = [
  {
    says: 'the machine knows nobody',
    who: /^packages\/kernel\/src\//,
    never: /^@lastref\//,
  },
  {
    says: 'the judge knows the machine alone: no design, no workload',
    who: /^packages\/judge\/src\//,
    never: /^@lastref\/(?!kernel$)/,
  },
  {
    says: 'a capture knows nothing of the rest',
    who: /^packages\/capture\/src\//,
    never: /^@lastref\//,
  },
  {
    says: 'the runner knows no question of another package',
    who: /^packages\/runner\/src\//,
    never: /^@lastref\/(operations|claims|mutants|bench|lab|sites|harness)/,
  },
  {
    says: "a design's file knows the seam, and the helpers of its folder",
    who: /^strategies\//,
    never: /^(?!@lastref\/kernel$|\.)/,
  },
  {
    says: 'the machine, what runs on it and the judge ask the system for nothing',
    who: /^(packages\/(kernel|judge|workloads)\/src|strategies)\//,
    never: /^(node:(?!buffer)|fs|os|child_process)/,
  },
];

function knowing(imports: readonly Import[]): string[] {
  return BOUNDARIES.flatMap(({ says, who, never }) =>
    imports
      .filter((i) => who.test(i.from) && never.test(i.specifier))
      .map((i) => `${at(i)}: ${says}`),
  );
}
