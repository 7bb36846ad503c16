// An initial file system as the kernel unpacks it: the "newc" form of cpio.
// Goal: the same bytes for the same files. Non-goal: links, owners, times.

export interface ArchiveFile {
  /** Without a leading slash; one that ends in a slash is a directory. */
  readonly name: string;
  readonly data?: Uint8Array;
  readonly mode?: number;
}

const DIRECTORY = 0o040755;
const FILE = 0o100644;

export function cpio(files: readonly ArchiveFile[]): Buffer {
  const parts: Buffer[] = [];
  let inode = 1;
  for (const { name, data, mode } of [...files, { name: 'TRAILER!!!', mode: 0 }]) {
    const directory = name.endsWith('/');
    const path = Buffer.from(`${directory ? name.slice(0, -1) : name}\0`);
    const bytes = Buffer.from(data ?? []);
    const fields = [
      inode++,
      mode === undefined ? (directory ? DIRECTORY : FILE) : mode === 0 ? 0 : 0o100000 | mode,
      0,
      0,
      1,
      0,
      bytes.length,
      0,
      0,
      0,
      0,
      path.length,
      0,
    ];
    const header = Buffer.from(
      `070701${fields.map((n) => n.toString(16).padStart(8, '0')).join('')}`,
    );
    parts.push(padded(Buffer.concat([header, path])), padded(bytes));
  }
  return Buffer.concat(parts);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
