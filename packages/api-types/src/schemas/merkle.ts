import { z } from 'zod';
import { keySchema, nodeIdSchema, timeSchema } from '../fields.ts';

/** The hash trees by which replicas are compared, and what differs between two of them. */

const bucketSchema = z.int().describe('0 to 65 535');

const sharerSchema = z
  .strictObject({
    nodeId: nodeIdSchema,
    provenEqualAt: timeSchema
      .nullable()
      .describe(
        'by the observer’s clock: every write made before it to what both hold here was then durable on both; null: not known of all of them, in this life of the observer and under this ring',
      ),
  })
  .meta({ id: 'MerkleSharer', description: 'Another node that holds buckets of this part of the tree.' });

const treeNodeSchema = z
  .strictObject({
    from: bucketSchema,
    to: bucketSchema.describe('included'),
    hash: z.string().describe('16 hexadecimal digits: the sum of the hashes of the records'),
    records: z.int().describe('tombstones among them'),
    replicas: z.array(sharerSchema).describe('ascending by node id'),
  })
  .meta({ id: 'MerkleNode' });

export const merkleTreeSchema = z.strictObject({
  observer: nodeIdSchema,
  observedAt: timeSchema,
  ringEpoch: z.int(),
  complete: z
    .boolean()
    .describe('the tree tells what is stored; until then it has no nodes, and is compared with nobody'),
  bucketsRead: z
    .int()
    .nullable()
    .describe(
      'of 65 536, by the pass over the store that is under way: the first since the start, or a check',
    ),
  bucketsDoubted: z.int().describe('buckets to be read again, since a damaged record of theirs was mended'),
  depth: z.int(),
  nodes: z.array(treeNodeSchema).describe('ascending by bucket'),
  cursor: z.string().nullable().describe('give it back for the next page; null at the end'),
});

const versionSchema = z
  .array(z.strictObject({ actor: z.string(), counter: z.int() }))
  .nullable()
  .describe('of every actor the newest write seen; null: nothing is held, or nothing that can be read');

export const merkleComparisonSchema = z.strictObject({
  observer: nodeIdSchema,
  observedAt: timeSchema,
  node: nodeIdSchema.describe('whom the observer asked'),
  sharedBuckets: z.int().describe('of those asked for: how many both hold, which are compared'),
  differingBuckets: z
    .int()
    .describe('how many of them differed when the page was made; writes on their way are among them'),
  keys: z
    .array(
      z.strictObject({
        table: z.string(),
        key: keySchema,
        bucket: bucketSchema,
        here: versionSchema,
        there: versionSchema,
      }),
    )
    .describe('ascending by hash; may be empty where more follow'),
  cursor: z.string().nullable().describe('give it back for the next page; null when nothing more differs'),
});

const peerSyncSchema = z
  .strictObject({
    nodeId: nodeIdSchema,
    state: z
      .enum(['waiting', 'running', 'equal', 'repaired', 'brokenOff'])
      .describe('equal: nothing differed; repaired: what differed was gone through'),
    reason: z
      .enum([
        'unreachable',
        'nothingShared',
        'silent',
        'confused',
        'ownTree',
        'staleEpoch',
        'unknownEpoch',
        'notReplica',
        'recovering',
        'overloaded',
        'diskFull',
        'corrupt',
        'promised',
        'outbid',
        'uncovered',
      ])
      .nullable()
      .describe('why it was broken off; ownTree: the observer’s own tree was not complete'),
    buckets: z.int().describe('that differed'),
    bucketsDone: z.int(),
    keys: z.int().describe('found to differ so far'),
    pulled: z.int().describe('records stored by the observer; of a dry run: that would be'),
    pushed: z.int().describe('records stored by the other node; of a dry run: that would be'),
  })
  .meta({ id: 'PeerSync' });

export const merkleSyncSchema = z
  .strictObject({
    id: z.string(),
    node: nodeIdSchema.nullable().describe('null: every node that holds something the observer holds'),
    direction: z.enum(['pull', 'push', 'both']),
    dryRun: z.boolean(),
    begunAt: timeSchema,
    endedAt: timeSchema.nullable().describe('null while it waits or runs'),
    peers: z.array(peerSyncSchema).describe('in the order in which they are compared'),
  })
  .meta({ id: 'MerkleSync' });

export type MerkleTree = z.infer<typeof merkleTreeSchema>;
export type MerkleComparison = z.infer<typeof merkleComparisonSchema>;
export type MerkleSync = z.infer<typeof merkleSyncSchema>;
