/** Waiting tickets, first come first served within a team; of the teams, the one that is due. */
export class FairQueue<T> {
  private readonly byTeam = new Map<string, T[]>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** How many of one team's wait. */
  waiting(team: string): number {
    return this.byTeam.get(team)?.length ?? 0;
  }

  teams(): Iterable<string> {
    return this.byTeam.keys();
  }

  add(team: string, item: T): void {
    const items = this.byTeam.get(team);
    if (items === undefined) this.byTeam.set(team, [item]);
    else items.push(item);
    this.count += 1;
  }

  /**
   * The next item of the team with the least rank, or of the one longest in line where ranks are equal; then its team
   * goes to the end of the line. A rank of null passes a team over. Without ranks, teams take turns.
   */
  take(rankOf: (team: string) => number | null = () => 0): T | undefined {
    let chosen: string | undefined;
    let least = Infinity;
    for (const team of this.byTeam.keys()) {
      const rank = rankOf(team);
      if (rank === null || (chosen !== undefined && rank >= least)) continue;
      chosen = team;
      least = rank;
    }
    if (chosen === undefined) return undefined;
    const items = this.byTeam.get(chosen)!;
    const item = items.shift()!;
    this.byTeam.delete(chosen);
    if (items.length > 0) this.byTeam.set(chosen, items);
    this.count -= 1;
    return item;
  }

  remove(team: string, item: T): boolean {
    const items = this.byTeam.get(team) ?? [];
    const at = items.indexOf(item);
    if (at < 0) return false;
    items.splice(at, 1);
    if (items.length === 0) this.byTeam.delete(team);
    this.count -= 1;
    return true;
  }
}
