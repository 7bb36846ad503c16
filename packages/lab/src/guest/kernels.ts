// The kernels that are known by name: Debian's packages of one, in which suite, and which era of the model is its own.

export interface KnownKernel {
  /** As `--kernel` takes it. */
  readonly id: string;
  /** The era of the model that is played beside it. */
  readonly era: string;
  /** What its source is called; as the era, unless another kernel's is. */
  readonly tree?: string;
  /** Lines of an apt source list behind the archive's address. */
  readonly suites: readonly string[];
  /** Packages by pattern; of several matches the newest counts. `$1` is what the first pattern's group caught. */
  readonly image: RegExp;
  readonly packages: (release: string) => readonly string[];
  /** Its kbuild programs want a newer libc than this suite's own machine may have: they run through that libc's ld.so. */
  readonly foreign: boolean;
}

const CLOUD = 'cloud-amd64';

/** `6.1.0-56` of `6.1.0-56-cloud-amd64`. */
function abi(release: string): string {
  return release.slice(0, -CLOUD.length - 1);
}

const headers = (release: string) => [
  `linux-headers-${release}`,
  `linux-headers-${abi(release)}-common`,
];

/** linux-image is a package of dependencies alone in these suites, and kbuild wants their libc. */
const withLibraries = (release: string) => [
  `linux-binary-${release}`,
  `linux-modules-${release}`,
  ...headers(release),
  `linux-kbuild-${abi(release)}`,
  'libc6',
  'libelf1t64',
  'libssl3t64',
  'zlib1g',
  'libzstd1',
];

export const KERNELS: readonly KnownKernel[] = [
  {
    id: '5.10',
    era: '5.10.223',
    suites: ['debian bullseye main'],
    image: /^linux-image-(5\.10\.0-\d+-cloud-amd64)$/,
    packages: (r) => [`linux-image-${r}`, ...headers(r), 'linux-kbuild-5.10'],
    foreign: false,
  },
  {
    id: '6.1',
    era: '6.1.192',
    suites: ['debian bookworm main', 'debian-security bookworm-security main'],
    image: /^linux-image-(6\.1\.0-\d+-cloud-amd64)$/,
    packages: (r) => [`linux-image-${r}`, ...headers(r), 'linux-kbuild-6.1'],
    foreign: false,
  },
  {
    id: '6.12',
    era: 'debian-6.12.117',
    suites: ['debian bookworm main', 'debian-security bookworm-security main'],
    image: /^linux-image-(6\.12\.\d+\+deb12-cloud-amd64)$/,
    packages: (r) => [`linux-image-${r}`, ...headers(r), `linux-kbuild-${abi(r)}`],
    foreign: false,
  },
  {
    id: '7.2',
    era: '7.2.13',
    suites: ['debian sid main'],
    image: /^linux-binary-(7\.2\.\d+\+deb14-cloud-amd64)$/,
    packages: withLibraries,
    foreign: true,
  },
  {
    id: '7.3', // a release candidate, until it is out; what the model has is there as in 7.2.13
    era: '7.2.13',
    tree: '7.3',
    suites: ['debian experimental main', 'debian sid main'],
    image: /^linux-binary-(7\.3(?:\.\d+\+deb14)?-cloud-amd64)$/,
    packages: withLibraries,
    foreign: true,
  },
];

export const KERNEL_IDS: readonly string[] = KERNELS.map((k) => k.id);
