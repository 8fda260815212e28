/** What one team may take of what all teams share. */
export interface Share {
  /** How many of its tasks run at once. */
  atOnceMax: number;
  /** How many of its tasks wait. */
  waitingMax: number;
}

interface Used {
  running: number;
  /** Time of workers, halved every `halfLifeMs`. */
  usedMs: number;
  atMs: number;
  /** Of its latest tasks. */
  meanMs: number;
}

const halfLifeMs = 10_000;
/** How much one task moves the mean. */
const newest = 0.3;
const quickMsMax = 250;
const teamsRemembered = 4_000;

/** Who runs how much now and has used how much lately: what decides whose turn it is. */
export class Usage {
  private readonly teams = new Map<string, Used>();

  running(team: string): number {
    return this.teams.get(team)?.running ?? 0;
  }

  /** Milliseconds that the team's tasks have taken lately. */
  usedMs(team: string, nowMs: number): number {
    const used = this.teams.get(team);
    return used === undefined ? 0 : used.usedMs * 2 ** ((used.atMs - nowMs) / halfLifeMs);
  }

  /** Whether its tasks have been short lately; of a team that is not known, that is believed. */
  isQuick(team: string): boolean {
    return (this.teams.get(team)?.meanMs ?? 0) <= quickMsMax;
  }

  /** The least is due: first who runs least, then who has used least. */
  rank(team: string, nowMs: number): number {
    return this.running(team) * 1e9 + Math.min(1e8, this.usedMs(team, nowMs));
  }

  begin(team: string): void {
    const used = this.teams.get(team);
    if (used !== undefined) used.running += 1;
    else {
      if (this.teams.size >= teamsRemembered) this.forgetIdle();
      this.teams.set(team, { running: 1, usedMs: 0, atMs: 0, meanMs: 0 });
    }
  }

  end(team: string, { startedMs, nowMs }: { startedMs: number; nowMs: number }): void {
    const used = this.teams.get(team)!;
    used.running -= 1;
    used.usedMs = this.usedMs(team, nowMs) + (nowMs - startedMs);
    used.atMs = nowMs;
    used.meanMs += (nowMs - startedMs - used.meanMs) * newest;
  }

  private forgetIdle(): void {
    for (const [team, { running }] of this.teams) if (running === 0) this.teams.delete(team);
  }
}
