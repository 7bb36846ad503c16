// Designs with one decision changed, for experiments that ask what that decision is good for. A token names them like
// any other design: <design>~<change>.
import { readFileSync } from 'node:fs';
import {
  SHARE,
  Site,
  type CloneAnswer,
  type Design,
  type Loan,
  type Page,
  type PageLifetime,
  type Services,
  type SkBuff,
} from '@lastref/kernel';
import { ROOT, bringsCode, codeOf, digestOfSources } from '@lastref/runner';

/** This file: it is part of what a variant is written in. */
const HERE = `${ROOT}packages/claims/src/variants.ts`;

/** What a change does to a fresh instance of the design. */
type Change = (lifetime: PageLifetime, services: Services) => void;

interface Variant {
  readonly of: string;
  readonly change: string;
  readonly summary: string;
  readonly card?: Partial<Design>;
  readonly apply: Change;
}

/** The flag of no-clone is ignored where `sites` say. */
function ignoredAt(change: string, what: string, sites: number): Variant {
  return {
    of: 'no-clone',
    change,
    summary: `the flag is ignored ${what}`,
    apply(lifetime) {
      const honoured = lifetime.clone.bind(lifetime);
      lifetime.clone = (skb: SkBuff, site: Site): CloneAnswer =>
        (site & sites) === 0 ? honoured(skb, site) : SHARE;
    },
  };
}

const VARIANTS: readonly Variant[] = [
  ignoredAt('ignored-xmit', 'by TCP when it transmits', Site.XMIT),
  ignoredAt('ignored-tap', 'where a tap or a port takes a clone', Site.TAP),
  ignoredAt('ignored-copy', 'by pskb_copy', Site.PSKB_COPY),
  ignoredAt('ignored-head', 'by pskb_expand_head', Site.EXPAND_HEAD),
  ignoredAt('ignored-segment', 'by skb_segment', Site.SEGMENT),
  {
    of: 'ian-frag-destructor',
    change: 'merges',
    summary: 'the helpers alone: entries of two destructors become one where pages are contiguous',
    apply(lifetime) {
      lifetime.mayMerge = () => true; // as without any design
    },
  },
  {
    of: 'ian-frag-destructor',
    change: 'set-late',
    summary: 'the destructor is set behind the first reference, which the page got',
    apply(lifetime, services) {
      lifetime.lend = (skb, page, pageOffset, size, loan) => {
        services.getPage(page); // __skb_frag_ref, with no destructor there yet
        services.fillPageDesc(skb, page, pageOffset, size).loan = loan;
      };
    },
  },
  {
    of: 'evgeniy-partial',
    change: 'blind',
    summary: 'the destructor takes every call for the last one and looks at no page count',
    apply(lifetime, services) {
      const told = services.sideField<Page, Loan>();
      lifetime.fragUnref = (shinfo, { page }) => {
        const { loan } = shinfo;
        services.putPage(page);
        if (loan === null || told.get(page) === loan) return;
        told.set(page, loan);
        services.drop(loan);
      };
    },
  },
  {
    of: 'evgeniy-partial',
    change: 'whole-only',
    summary: 'the destructor is called for the whole skb alone, not for a page that leaves early',
    apply(lifetime, services) {
      const called = lifetime.fragUnref.bind(lifetime);
      lifetime.fragUnref = (shinfo, frag, skb) => {
        if (skb !== null && skb.shinfo === shinfo)
          services.putPage(frag.page); // the skb lives on
        else called(shinfo, frag, skb);
      };
    },
  },
  {
    of: 'rusty-shinfo-orig',
    change: 'at-once',
    summary: 'the destructor does its work where it is called',
    card: { defers: false },
    apply() {},
  },
  {
    of: 'skb-destructor',
    change: 'chained',
    summary: 'whoever sets another destructor saves the first and calls it from there',
    apply(lifetime, services) {
      lifetime.skbDestructor = (skb) => {
        if (skb.loan !== null) services.drop(skb.loan);
        skb.loan = null;
      };
    },
  },
];

/** The id of a variant. */
export function variant(of: string, change: string): string {
  return `${of}~${change}`;
}

/** Everything that can be made of `designs`. */
export function variantsOf(designs: readonly Design[]): Design[] {
  return designs.flatMap((design) =>
    VARIANTS.filter((v) => v.of === design.id).map((v): Design => {
      const { summary, apply, card } = v;
      const made: Design = {
        ...design,
        ...card,
        id: variant(v.of, v.change),
        title: `${design.title}, changed`,
        status: 'canary',
        summary,
        create(services) {
          const lifetime = design.create(services);
          apply(lifetime, services);
          return lifetime;
        },
      };
      bringsCode(made, () => digestOfSources([codeOf(design), readFileSync(HERE, 'utf8')]));
      return made;
    }),
  );
}

/** The design that a run names: `design` itself, or one of its variants. */
export function designCalled(id: string, design: Design): Design {
  const found = [design, ...variantsOf([design])].find((d) => d.id === id);
  if (found === undefined)
    throw new RangeError(`no design or variant of ${design.id} is called ${id}`);
  return found;
}

/** The design that `id` is a variant of, or `id` itself. */
export function baseOf(id: string): string {
  return id.split('~')[0]!;
}
