/** Placeholder type until the membership machine defines its packets. */
export interface SwimPacket {
  readonly kind: string;
}
