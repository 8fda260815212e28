/* A reporter for knip that fails when knip looked at hardly anything: no finding would mean nothing then. */
const filesMin = 400;

export default function seen({ counters }: { counters: { total: number } }): void {
  console.log(`${counters.total} files looked at for dead code`);
  if (counters.total < filesMin) throw new Error(`knip saw only ${counters.total} files, not ${filesMin}: see knip.json`);
}
