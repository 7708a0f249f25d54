/** Where three nodes started by `pnpm dev` are. */
const developmentNodes = 'http://127.0.0.1:8081,http://127.0.0.1:8082,http://127.0.0.1:8083';

/**
 * Origins of nodes for browsers to begin with: `STARLING_PUBLIC_NODES` where browsers reach nodes under other addresses
 * than this server does, else `STARLING_NODES`, separated by commas. Other nodes are learned from these.
 */
export function configuredNodes(
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const text = environment['STARLING_PUBLIC_NODES'] || environment['STARLING_NODES'] || developmentNodes;
  return text
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
}
