import type { Metadata } from 'next';
import { DataPage } from '../../../data/data-page.tsx';

export const metadata: Metadata = { title: 'Keys' };

export default function Page() {
  return <DataPage />;
}
