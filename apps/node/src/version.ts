/** Release of this program, told in gossip, metrics and status. */
export const version = '0.1.0';
