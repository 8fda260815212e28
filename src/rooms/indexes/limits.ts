/** Apart from the shapes, whose library the children do not load. */
export const indexLimits = {
  /** Questions that took less are fast enough. */
  slowMs: 20,
  runsKept: 300,
  keptDays: 30,
  /** That one piece of advice looks at, slowest in all first. */
  queriesMax: 20,
  /** What all of these took together, once each. */
  measuredMsMax: 20_000,
  indexesMax: 5,
  columnsMax: 3,
};
