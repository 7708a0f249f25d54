import type { Metadata } from 'next';
import { RingPage } from '../../../ring/ring-page.tsx';

export const metadata: Metadata = { title: 'Ring' };

export default function Page() {
  return <RingPage />;
}
