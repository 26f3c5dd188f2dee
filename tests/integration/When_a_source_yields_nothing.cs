using System.Diagnostics;
using Broker.Pool;
using Broker.Tests.Handlers;

namespace Broker.Tests.Integration;

public sealed class When_a_source_yields_nothing(SharedFleet shared)
{
    private readonly JobPool _pool = shared.Pool;

    [Fact]
    public async Task The_deadline_ends_the_map_without_items()
    {
        using var never = new ManualResetEventSlim();
        var clock = Stopwatch.StartNew();
        var mapping = _pool.MapAsync(Silent(), new BatchOptions { Deadline = TimeSpan.FromSeconds(1) });
        await Assert.ThrowsAsync<TimeoutException>(() => mapping.WaitAsync(TimeSpan.FromSeconds(15)));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.9, 8);
        never.Set();

        IEnumerable<Pair> Silent()
        {
            yield return new Pair(1, 2);
            never.Wait(TimeSpan.FromSeconds(20));
        }
    }
}
