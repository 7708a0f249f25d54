import { describe, expect, test } from 'vitest';
import { bytesToHex } from '../base/bytes.ts';
import { utf8Bytes } from '../base/utf8.ts';
import { sha256, sha256Hex64 } from './sha256.ts';

const upTo = (length: number) => Uint8Array.from({ length }, (_, i) => i);

describe('vectors of FIPS 180-4 and NIST', () => {
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    [
      'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
      'cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('%.20j', (text, digest) => {
    expect(bytesToHex(sha256(utf8Bytes(text)))).toBe(digest);
    expect(sha256Hex64(utf8Bytes(text))).toBe(digest.slice(0, 16));
  });
});

test.each([
  [55, '463eb28e72f82e0a96c0a4cc53690c571281131f672aa229e0d45ae59b598b59'],
  [56, 'da2ae4d6b36748f2a318f23e7ab1dfdf45acdc9d049bd80e59de82a60895f562'],
  [63, '29af2686fd53374a36b0846694cc342177e428d1647515f078784d69cdb9e488'],
  [64, 'fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108'],
  [119, 'da18797ed7c3a777f0847f429724a2d8cd5138e6ed2895c3fa1a6d39d18f7ec6'],
  [120, 'f52b23db1fbb6ded89ef42a23ce0c8922c45f25c50b568a93bf1c075420bbb7c'],
])('padding at %i bytes, where a block more begins', (length, digest) => {
  expect(bytesToHex(sha256(upTo(length)))).toBe(digest);
});

test('a prefix is hashed in place, and no call leaves a trace in the next', () => {
  const bytes = upTo(200);
  for (const length of [120, 0, 64, 7, 199]) {
    expect(sha256Hex64(bytes, length)).toBe(bytesToHex(sha256(upTo(length))).slice(0, 16));
  }
});
