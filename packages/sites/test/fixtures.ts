// Small C in the shape of what is looked for: none of it is the kernel's.
import { scanFiles, type Scan, type Site } from '@lastref/sites';

/** A scan of files that are given as text. */
export function scanOf(
  files: Readonly<Record<string, string>>,
  operations: readonly string[] = [],
): Promise<Scan> {
  const list = Object.entries(files).map(([file, text]) => ({ file, text: () => text }));
  return scanFiles(list, { operations: new Set(operations) });
}

export function siteCalled(scan: Scan, name: string): Site {
  const site = scan.sites.find((s) => s.name === name);
  if (site === undefined)
    throw new Error(`${name} was not found, only ${scan.sites.map((s) => s.name).join(', ')}`);
  return site;
}

/** One function that copies entries from `src` to `dst`, with `hook` where it stands. */
export const transfer = (name: string, hook = '', behind = ''): string => `
static int ${name}(struct sk_buff *dst, struct sk_buff *src)
{
	int i;

	${hook}
	for (i = 0; i < skb_shinfo(src)->nr_frags; i++) {
		skb_shinfo(dst)->frags[i] = skb_shinfo(src)->frags[i];
		skb_frag_ref(src, i);
	}
	skb_shinfo(dst)->nr_frags = i;
	${behind}
	return 0;
}
`;

export const MARK = 'skb_shinfo(dst)->flags |= skb_shinfo(src)->flags & SKBFL_SHARED_FRAG;';
