/** How the server process ends: stopped in order, not in time, not startable as told, displaced by another of its id, a fault. */
export const exitCodes = { clean: 0, late: 1, cannotStart: 2, displaced: 3, fault: 70 } as const;
