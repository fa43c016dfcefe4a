/** The only module that reads the machine's own clock: used while the server's time is not known yet. */
export const machineNow = (): number => Date.now();
