// Kernel trees by name: what is older on the trunk, which branch has which fix, and that nothing compares two branches.
import { describe, expect, test } from 'vitest';
import {
  CHANGES,
  ERAS,
  aliasText,
  byBranch,
  changeAt,
  eraOf,
  hasChange,
  inSpan,
  isBefore,
  sinceText,
  spanText,
  treeOf,
  type Change,
} from '../src/index.ts';
import { IP } from '../src/changes/ip.ts';
import { PACKET } from '../src/changes/packet.ts';
import { PATHS } from '../src/changes/paths.ts';
import { TCP } from '../src/changes/tcp.ts';
import { ZEROCOPY } from '../src/changes/zerocopy.ts';

describe('a name', () => {
  test.each([
    ['2.6.24', '2.6.24', []],
    ['3.8', '3.8', []],
    ['5.10.223', '5.10', ['5.10 223']],
    ['2.6.32.61', '2.6.32', ['2.6.32 61']],
    ['debian-6.12.117', '6.12', ['6.12 117', 'debian-6.12 117']],
  ])('%s', (name, mainline, branches) => {
    const tree = treeOf(name);
    expect(tree.mainline).toBe(mainline);
    expect(tree.branches.map((b) => `${b.name} ${b.point}`)).toEqual(branches);
  });

  test.each(['', '3', '2.6', 'v3.8', '3.20', '6.1-rc4', 'debian-6.12', 'Debian-6.12.1', '6.1.2.3'])(
    "'%s' is none",
    (name) => expect(() => treeOf(name)).toThrow(RangeError),
  );
});

test('what was taken back for a while is not there in between, and says so', () => {
  const span = { since: '3.5', until: null, gap: ['4.2', '5.3'] } as const;
  const has = (name: string) => inSpan(treeOf(name), span);
  expect(['3.4', '3.5', '4.1', '4.2', '4.14', '5.2', '5.3', '7.2'].map(has)).toEqual([
    false,
    true,
    true,
    false,
    false,
    false,
    true,
    true,
  ]);
  expect(spanText(span)).toBe('is there from 3.5 on, but not from 4.2 until 5.3');
});

test('releases of the trunk are one line; those of a branch are on none', () => {
  const line = [
    '2.6.12',
    '2.6.9',
    '2.6.39',
    '3.0',
    '3.2',
    '3.19',
    '4.0',
    '4.20',
    '5.0',
    '6.12',
    '7.2',
  ];
  const sorted = [...line].sort((a, b) => (isBefore(a, b) ? -1 : 1));
  expect(sorted).toEqual(['2.6.9', '2.6.12', ...line.slice(2)]);
  expect(isBefore('3.8', '3.8')).toBe(false);
  expect(() => isBefore('6.1.174', '6.12')).toThrow('6.1.174 is no release of the trunk');
});

describe('a fix of 2026 that was backported', () => {
  const fix: Change = { mainline: '7.1', backports: ['6.1.174', '6.12.90', 'debian-6.6.3'] };

  test.each([
    ['6.1', false],
    ['6.1.173', false],
    ['6.1.174', true],
    ['6.6', false],
    ['6.6.500', false], // a higher number of another branch says nothing
    ['debian-6.6.2', false],
    ['debian-6.6.3', true],
    ['6.6.3', false], // what the vendor took is not in the stable tree below it
    ['6.12.89', false],
    ['6.12.90', true],
    ['debian-6.12.90', true], // what stable has, the vendor's tree on top of it has
    ['6.18.500', false],
    ['7.0', false],
    ['7.1', true],
    ['7.2.1', true],
    ['debian-7.2.1', true],
  ])('%s: %s', (name, has) => expect(hasChange(treeOf(name), fix)).toBe(has));

  test('by branch', () => {
    expect(byBranch(fix)).toEqual({
      mainline: '7.1',
      '6.1': '6.1.174',
      '6.12': '6.12.90',
      'debian-6.6': 'debian-6.6.3',
    });
    expect(sinceText(fix)).toBe('7.1 (6.1.174, 6.12.90, debian-6.6.3)');
    expect(sinceText({ ...fix, mainline: null })).toBe('6.1.174, 6.12.90, debian-6.6.3');
    expect(byBranch(changeAt('3.9'))).toEqual({ mainline: '3.9' });
  });

  test('what it ended is over where it is, and goes on elsewhere', () => {
    const there = (name: string): boolean => inSpan(treeOf(name), { since: '4.14', until: fix });
    expect(['4.13', '4.14', '6.1.173', '6.1.174', '6.6.500', '7.1'].map(there)).toEqual([
      false,
      true,
      true,
      false,
      true,
      false,
    ]);
  });
});

/** In no kernel: to be tried on one. */
test.each([
  ['expandHeadKeepsPages', '2.6.36', '2.6.37'],
  ['loopbackTso', '2.6.26', '2.6.27'],
  ['tunOffload', '2.6.26', '2.6.27'],
  ['macvlanBridges', '2.6.32', '2.6.34'],
  ['windowGrowsByLength', '3.2', '3.4'],
  ['groCells', '3.6', '3.7'],
  ['vethFeatures', '3.8', '3.10'],
  ['window20', '3.10', '3.11'],
  ['windowShutsEarly', '3.14', '3.16'],
  ['tcpStamps', '3.16', '3.17'],
  ['fastCloneStores', '3.18', '3.19'],
  ['defragChains', '4.2', '4.3'],
  ['trimCondenses', '4.10', '4.11'],
  ['fragmentsWantRoom', '4.12', '4.13'],
  ['tstampOrphans', '5.15.110', '5.15.111'],
  ['udpSendpageCopies', '6.1.71', '6.1.72'],
  ['xdpGenericShared', '4.19.105', '4.19.106'],
  ['xdpGenericShared', '5.4.21', '5.4.22'],
  ['xdpGenericShared', '5.5.5', '5.5.6'],
  ['espDowngrades', '6.6.157', '6.6.158'],
  ['espDowngrades', '6.18.53', '6.18.54'],
  ['carveDowngrades', '6.6.142', '6.6.143'],
  ['espAsksMarker', '5.10.254', '5.10.255'],
  ['espAsksMarker', '6.12.86', '6.12.87'],
  ['markerCarried', '5.10.256', '5.10.257'],
  ['markerCarried', '6.12.90', '6.12.91'],
  ['iptfsAddMarks', '6.18.41', '6.18.42'],
  ['iptfsAddMarks', '7.1.5', '7.1.6'],
] as const)(
  'a tree, an announcement or the record of a CVE says where %s came: not to %s, to %s',
  (key, before, from) => {
    expect([before, from].map((name) => hasChange(treeOf(name), CHANGES[key]))).toEqual([
      false,
      true,
    ]);
  },
);

const proposed = ({ mainline, backports }: Change): boolean =>
  mainline === null && backports.length === 0;

describe('the table of changes', () => {
  test('has each name in one of its files', () => {
    const names = [IP, PACKET, PATHS, TCP, ZEROCOPY].flatMap((part) => Object.keys(part));
    expect(names).toHaveLength(Object.keys(CHANGES).length);
  });

  test.each(Object.entries(CHANGES))(
    '%s',
    (_, change: Change & { source: string; what: string }) => {
      expect(change.source).not.toBe('');
      const branches = Object.keys(byBranch(change));
      expect(branches.length).toBe(change.backports.length + (change.mainline === null ? 0 : 1));
      expect(branches.length === 0).toBe(change.source.startsWith('proposed: '));
      // A backport goes to a branch that has not got it from the trunk.
      const { mainline, backports } = change;
      const late = backports.filter(
        (b) => mainline !== null && !isBefore(treeOf(b).mainline, mainline),
      );
      expect(late).toEqual([]);
    },
  );

  test('each tells two eras apart', () => {
    const there = Object.entries(CHANGES).filter(([, change]) => !proposed(change));
    const idle = there.filter(([, change]) => {
      const has = ERAS.filter((era) => hasChange(era.tree, change)).length;
      return has === 0 || has === ERAS.length;
    });
    expect(idle.map(([name]) => name)).toEqual([]);
    expect(there.length).toBeLessThan(Object.keys(CHANGES).length);
  });
});

describe('eras', () => {
  test('are trees, oldest first on the trunk, each once, of one shape', () => {
    for (const era of ERAS) expect(era.tree).toEqual(treeOf(era.id));
    ERAS.slice(1).forEach((era, i) =>
      expect(isBefore(era.tree.mainline, ERAS[i]!.tree.mainline), era.id).toBe(false),
    );
    expect(new Set(ERAS.map((era) => era.id)).size).toBe(ERAS.length);
    const shapes = new Set(ERAS.map((era) => Object.keys(era).join()));
    expect(shapes.size).toBe(1);
  });

  test('the name of a branch stands for its newest tree, and says so', () => {
    expect(eraOf('6.1')?.id).toBe('6.1.192');
    expect(aliasText('6.1')).toBe('era 6.1 stands for 6.1.192');
    expect(eraOf('6.12')?.id).toBe('debian-6.12.117');
    expect(eraOf('debian-6.12')?.id).toBe('debian-6.12.117');
    expect(eraOf('3.8')?.id).toBe('3.8');
    expect(aliasText('3.8')).toBe(null);
    expect(eraOf('6.2')).toBeUndefined();
    expect(aliasText('6.2')).toBe(null);
  });

  test('what came and went again', () => {
    const where = (has: (era: (typeof ERAS)[number]) => boolean): string[] =>
      ERAS.filter(has).map((era) => era.id);
    expect(where((era) => era.earlyOrphan)).toEqual(['2.6.38', '3.2']);
    expect(where((era) => era.skbZerocopyMarks)).toEqual(['debian-6.12.117']);
    expect(where((era) => era.markerCarried)).toEqual(['6.1.192', 'debian-6.12.117', '7.2.13']);
    expect(where((era) => era.changes.has(CHANGES.spliceByIterator))).toEqual([
      'debian-6.12.117',
      '7.2.13',
    ]);
  });
});
