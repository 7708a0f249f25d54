/**
 * `pnpm repair-cost [records] [differing]…` prints what it costs two nodes with so many records to find and repair so many
 * that one of them lacks: round trips, bytes, virtual time, and the time that this process took for both machines.
 */
import { repairCost } from '../equality/repair-cost.ts';

const [records = 1_000_000, ...differing] = process.argv.slice(2).map(Number);

for (const count of differing.length > 0 ? differing : [1, 10_000]) {
  const cost = repairCost(records, count);
  process.stdout.write(`${JSON.stringify(cost)}\n`);
}
