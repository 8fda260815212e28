/** Waiting tickets, first come first served within a team, the teams taking turns. */
export class FairQueue<T> {
  private readonly byTeam = new Map<string, T[]>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(team: string, item: T): void {
    const items = this.byTeam.get(team);
    if (items === undefined) this.byTeam.set(team, [item]);
    else items.push(item);
    this.count += 1;
  }

  /** The next item; its team goes to the end of the line. */
  take(): T | undefined {
    for (const [team, items] of this.byTeam) {
      const item = items.shift()!;
      this.byTeam.delete(team);
      if (items.length > 0) this.byTeam.set(team, items);
      this.count -= 1;
      return item;
    }
    return undefined;
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
