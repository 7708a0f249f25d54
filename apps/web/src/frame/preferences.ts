/**
 * What a person chose for this browser. It is kept in local storage and shown as attributes of the root element,
 * which an inline script sets before the first paint, so that a dark console never flashes white.
 */
export type Theme = 'light' | 'dark' | 'system';
export type Navigation = 'wide' | 'narrow';

const themeKey = 'starling.theme';
const navigationKey = 'starling.navigation';

/** Runs in the head of every page; it must stand alone and must not throw where storage is forbidden. */
export const preferencesScript = `(function(){
  var root=document.documentElement,theme=null,navigation=null;
  try{theme=localStorage.getItem('${themeKey}');navigation=localStorage.getItem('${navigationKey}')}catch(_){}
  var dark=theme==='dark'||(theme!=='light'&&matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme=dark?'dark':'light';
  root.dataset.navigation=navigation==='narrow'?'narrow':'wide';
})()`;

const listeners = new Set<() => void>();

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

const systemDark = () => matchMedia('(prefers-color-scheme: dark)');

let chosenTheme: Theme | null = null;

export function readTheme(): Theme {
  const text = chosenTheme ?? stored(themeKey);
  return text === 'light' || text === 'dark' ? text : 'system';
}

/** Shows the theme as chosen, or as the system has it. */
export function showTheme(): void {
  const theme = readTheme();
  const dark = theme === 'dark' || (theme === 'system' && systemDark().matches);
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
}

export function chooseTheme(theme: Theme): void {
  chosenTheme = theme;
  showTheme();
  keep(themeKey, theme);
}

export function readNavigation(): Navigation {
  return document.documentElement.dataset['navigation'] === 'narrow' ? 'narrow' : 'wide';
}

export function chooseNavigation(navigation: Navigation): void {
  document.documentElement.dataset['navigation'] = navigation;
  keep(navigationKey, navigation);
}

/** Which of the two is shown just now, whatever was chosen; charts redraw when it changes. */
export function shownTheme(): 'light' | 'dark' {
  return document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light';
}

/** Tells of every change, the system's included. */
export function subscribePreferences(listener: () => void): () => void {
  const system = systemDark();
  const onSystem = () => {
    showTheme();
    listener();
  };
  listeners.add(listener);
  system.addEventListener('change', onSystem);
  return () => {
    listeners.delete(listener);
    system.removeEventListener('change', onSystem);
  };
}
