// Every *.ts file beside this one is a design; the harness lists the directory. See README.md.
export type { Design } from '@lastref/kernel';
