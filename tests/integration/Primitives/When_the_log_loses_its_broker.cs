using Broker.Tests.Support;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_the_log_loses_its_broker(OwnBroker own) : IClassFixture<OwnBroker>
{
    private readonly PrivateBroker _broker = own.Require();

    [Fact]
    public async Task Closed_connections_lose_and_double_no_operation()
    {
        await using var first = new LogClient(_broker.Url);
        await using var second = new LogClient(_broker.Url);
        using var done = new CancellationTokenSource();
        var adding = Task.WhenAll(new[] { first, second }.Select(client => AddUntilAsync(client, done.Token)));
        for (var time = 0; time < 4; time++)
        {
            await first.UntilSumAsync("closed", time * 300);
            await _broker.ControlAsync("close_all_connections", "test");
        }

        await first.UntilSumAsync("closed", 1500).WaitAsync(RunningProgram.DefaultTimeout);
        await done.CancelAsync();
        var outcomes = (await adding).SelectMany(static outcomes => outcomes).Order().ToList();
        Assert.Equal(Enumerable.Range(1, outcomes.Count).Select(static sum => (long)sum), outcomes);
        Assert.Equal(outcomes.Count, (await second.NumbersAsync("closed"))!.Count);
    }

    [Fact]
    public async Task A_killed_broker_has_all_that_it_confirmed_when_it_is_back()
    {
        await using var client = new LogClient(_broker.Url);
        for (var number = 1; number <= 50; number++)
            await client.AddAsync("killed", number);
        await _broker.KillAsync();
        var later = client.AddAsync("killed", 51);
        await _broker.StartAgainAsync();

        Assert.Equal(51 * 52 / 2, await later.WaitAsync(RunningProgram.DefaultTimeout));
        Assert.Equal(Enumerable.Range(1, 51).Select(static number => (long)number), (await client.NumbersAsync("killed"))!);
    }

    /// <summary>One after the other.</summary>
    private static async Task<List<long>> AddUntilAsync(LogClient client, CancellationToken done)
    {
        var outcomes = new List<long>();
        while (!done.IsCancellationRequested)
            outcomes.Add(await client.AddAsync("closed", 1));
        return outcomes;
    }
}
