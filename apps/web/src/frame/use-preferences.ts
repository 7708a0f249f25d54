'use client';

import { useSyncExternalStore } from 'react';
import {
  type Navigation,
  readNavigation,
  readTheme,
  shownTheme,
  subscribePreferences,
  type Theme,
} from './preferences.ts';

export function useTheme(): Theme {
  return useSyncExternalStore(subscribePreferences, readTheme, () => 'system');
}

export function useShownTheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribePreferences, shownTheme, () => 'light');
}

export function useNavigation(): Navigation {
  return useSyncExternalStore(subscribePreferences, readNavigation, () => 'wide');
}
