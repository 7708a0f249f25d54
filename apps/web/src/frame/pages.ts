import { Activity, CircleDashed, Database, type LucideIcon } from 'lucide-react';

/** A page of the console. The navigation and the command palette show what stands here, so there is no dead link. */
export interface Page {
  readonly path: string;
  readonly title: string;
  readonly purpose: string;
  readonly icon: LucideIcon;
}

export interface PageGroup {
  readonly title: 'Cluster' | 'Data' | 'Health' | 'Lab' | 'Reference';
  readonly pages: readonly Page[];
}

/** A group without a page is not shown. */
export const pageGroups: readonly PageGroup[] = [
  {
    title: 'Cluster',
    pages: [
      {
        path: '/overview',
        title: 'Overview',
        purpose: 'Is the cluster well, and if not, why',
        icon: Activity,
      },
      { path: '/ring', title: 'Ring', purpose: 'Who owns what, and where a key lives', icon: CircleDashed },
    ],
  },
  {
    title: 'Data',
    pages: [
      { path: '/data', title: 'Keys', purpose: 'Read and write keys, and see how it went', icon: Database },
    ],
  },
];

export const pages: readonly Page[] = pageGroups.flatMap((group) => group.pages);
