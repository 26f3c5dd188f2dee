using Broker.Primitives.States;

namespace Broker.Tests.Unit.Primitives.States;

/// <summary>Random arrivals, timeouts, actions, aborts and resets: of each generation all pass or none.</summary>
public sealed class When_parties_of_a_barrier_come_and_go
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 50)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void All_of_a_generation_pass_or_all_of_it_break(int seed)
    {
        var random = new Random(seed);
        var fold = new FoldedState(random);
        var parties = 1 + random.Next(4);
        var arrived = new Dictionary<long, List<int>>();
        var ends = new Dictionary<long, List<BarrierEnd>>();
        var waiting = new List<long>();
        var acting = new List<long>();
        var broken = true;
        fold.Apply(new BarrierReset());
        for (var step = 0; step < 500; step++)
        {
            switch (random.Next(20))
            {
                case < 12:
                    var acts = random.Next(3) == 0;
                    var arrival = (BarrierArrival)fold.Apply(new BarrierArrive(parties, acts))!;
                    if (arrival.Step is BarrierStep.Waits or BarrierStep.Passes or BarrierStep.Acts)
                        Of(arrived, arrival.Generation).Add(arrival.Index);
                    if (arrival.Step == BarrierStep.Waits)
                        waiting.Add(arrival.Generation);
                    if (arrival.Step == BarrierStep.Passes)
                        Of(ends, arrival.Generation).Add(BarrierEnd.Passed);
                    if (arrival.Step == BarrierStep.Acts)
                        acting.Add(arrival.Generation);
                    break;
                case < 15 when acting.Count > 0:
                    Of(ends, acting[0]).Add(fold.Apply(new BarrierOpen(acting[0])) is true ? BarrierEnd.Passed : BarrierEnd.Broken);
                    acting.RemoveAt(0);
                    break;
                case 15 when waiting.Count > 0:
                    var late = waiting[random.Next(waiting.Count)];
                    waiting.Remove(late);
                    Of(ends, late).Add((BarrierEnd)fold.Apply(new BarrierBreak(late))!);
                    break;
                case 16 when !broken:
                    fold.Apply(new BarrierBreak(null));
                    break;
                case > 17:
                    fold.Apply(new BarrierReset());
                    break;
            }

            // Waits are told late, and not in their order.
            broken = fold.State<BarrierState>().IsBroken;
            foreach (var wait in waiting.Where(_ => random.Next(3) == 0).ToList())
            {
                if (fold.State<BarrierState>().EndOf(wait) is not BarrierEnd.None and var end)
                {
                    waiting.Remove(wait);
                    Of(ends, wait).Add(end);
                }
            }
        }

        fold.AssertSame();
        Assert.Contains(ends.Values, all => all.Contains(BarrierEnd.Passed));
        foreach (var (generation, all) in ends)
        {
            Assert.Single(all.Distinct());
            Assert.DoesNotContain(BarrierEnd.None, all);
            if (all[0] == BarrierEnd.Passed)
                Assert.Equal(Enumerable.Range(0, parties), arrived[generation].Order());
        }
    }

    private static List<T> Of<T>(Dictionary<long, List<T>> all, long generation) => all.TryGetValue(generation, out var known) ? known : all[generation] = [];
}
