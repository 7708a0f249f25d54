'use client';

import { Monitor, Moon, Sun } from 'lucide-react';
import { Button } from '../ui/button.tsx';
import { Tooltip } from '../ui/tooltip.tsx';
import { chooseTheme, type Theme } from './preferences.ts';
import { useTheme } from './use-preferences.ts';

const order: readonly Theme[] = ['system', 'light', 'dark'];
const icons = { system: Monitor, light: Sun, dark: Moon } as const;

/** Goes round the three themes. */
export function ThemeSwitch() {
  const theme = useTheme();
  const next = order[(order.indexOf(theme) + 1) % order.length] ?? 'system';
  const Icon = icons[theme];
  const label = `Theme: ${theme}. Change to ${next}`;
  return (
    <Tooltip content={label}>
      <Button variant="ghost" size="icon" aria-label={label} onClick={() => chooseTheme(next)}>
        <Icon aria-hidden="true" />
      </Button>
    </Tooltip>
  );
}
