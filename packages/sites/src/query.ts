// Sites that lack a hook, most dangerous first.
import { HOOKS, type Hook } from './hooks.ts';
import type { Scan, Site } from './scan.ts';
import type { Query } from './demands.ts';

/** What a query of a hook asks for. */
const ASKED: Readonly<Record<Hook, readonly Query[]>> = {
  owner: ['transfer', 'chain'],
  marker: ['write', 'transfer', 'chain', 'lend'],
  pool: ['transfer'],
  readable: ['transfer', 'write'],
};

/** How bad it is that a hook is missing there: the first is worst. */
const DANGER: readonly Query[] = ['transfer', 'write', 'lend', 'chain'];

export interface Lacking {
  readonly site: Site;
  readonly query: Query;
  /** Lines on which a way goes past the hook. */
  readonly lines: readonly number[];
  /** It passes the hook for other entries, or on other ways. */
  readonly elsewhere: boolean;
}

/** A driver that fills packets from its own receive ring: the pages are its own. */
const RECEIVES = /(?:^|[_-])(?:rx|recv|receive|lro|jumbo|rcv|poll|netfront|cm)(?:[_-]|\d|\.|$)/i;

export function ownPages({ file, name }: Site): boolean {
  return (
    file.startsWith('drivers/') &&
    (RECEIVES.test(name) || RECEIVES.test(file.slice(file.lastIndexOf('/') + 1)))
  );
}

/** What a driver chains has come from its device, unless it transmits. */
function fromDevice({ file, name }: Site): boolean {
  return file.startsWith('drivers/') && !/xmit|tx/.test(name);
}

/** Is it for tests of the kernel alone? */
export function isTest({ file }: Pick<Site, 'file'>): boolean {
  return /(?:^|[/_])(?:test|kunit)s?[_.]|_test\.c$|test_run\.c$/.test(file);
}

/** Sites where a way goes past `hook`. */
export function lacking(sites: readonly Site[], hook: Hook): Lacking[] {
  const rows = sites
    .filter((site) => !isTest(site) && !ownPages(site))
    .flatMap((site) => {
      const asked = site.demands.filter((d) => ASKED[hook].includes(d.query));
      const missing = asked.filter(
        (d) =>
          d.aside === null && !d.hooks.includes(hook) && !(d.query === 'chain' && fromDevice(site)),
      );
      if (missing.length === 0) return [];
      const query = DANGER.find((q) => missing.some((d) => d.query === q))!;
      const lines = [...new Set(missing.map((d) => d.line))].sort((a, b) => a - b);
      return [{ site, query, lines, elsewhere: missing.length < asked.length }];
    });
  return rows.sort(
    (a, b) =>
      DANGER.indexOf(a.query) - DANGER.indexOf(b.query) ||
      nearness(a.site.file) - nearness(b.site.file) ||
      (a.site.file < b.site.file ? -1 : a.site.file > b.site.file ? 1 : a.site.line - b.site.line),
  );
}

/** The core first: every packet passes there. */
function nearness(file: string): number {
  const order = [
    'net/core/',
    'include/',
    'net/ipv4/',
    'net/ipv6/',
    'net/',
    'io_uring/',
    'kernel/',
    'drivers/',
  ];
  const at = order.findIndex((dir) => file.startsWith(dir));
  return at === -1 ? order.length : at;
}

/** Which hooks any way through a site has. */
export function hooksOf(site: Site): Hook[] {
  return HOOKS.filter((h) => site.demands.some((d) => d.hooks.includes(h)));
}

export function siteOf(scan: Pick<Scan, 'sites'>, name: string): Site[] {
  return scan.sites.filter((s) => s.name === name);
}
