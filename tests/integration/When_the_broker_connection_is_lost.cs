using System.Collections.Concurrent;
using Broker.Connection;
using Broker.Pool;
using Broker.Tests.Support;

namespace Broker.Tests.Integration;

public sealed class When_the_broker_connection_is_lost(OwnBroker own) : IClassFixture<OwnBroker>
{
    private readonly PrivateBroker _broker = own.Require();

    [Fact]
    public async Task A_running_map_loses_and_duplicates_nothing()
    {
        var notices = new ConcurrentQueue<string>();
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Url = _broker.Url, Kinds = ["pause"], Processes = 2, Concurrency = 4 });
        await using var pool = await JobPool.ConnectAsync(_broker.Url, new BrokerOptions { OnNotice = notices.Enqueue });
        var some = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var indices = new List<long>();
        var mapping = Task.Run(async () =>
        {
            await foreach (var outcome in pool.RunAsync(fleet.Kind("pause"), RawJobs.Items(Enumerable.Range(0, 1500).Select(n => $"[20,{n}]")), new BatchOptions { Chunk = 2 }, ordered: false))
            {
                Assert.Null(outcome.Failure);
                indices.Add(outcome.Index);
                if (indices.Count == 100)
                    some.SetResult();
            }
        });
        await some.Task.WaitAsync(RunningProgram.DefaultTimeout);
        await _broker.StopAsync();
        await _broker.StartAgainAsync();
        await mapping.WaitAsync(TimeSpan.FromSeconds(150));
        Assert.Equal(Enumerable.Range(0, 1500).Select(n => (long)n), indices.Order());
        Assert.Contains(notices, notice => notice.Contains("lost; waiting for it to come back", StringComparison.Ordinal));
        Assert.Contains("connection to RabbitMQ restored; going on", notices);
    }

    [Fact]
    public async Task A_call_during_the_outage_is_answered_afterwards()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Url = _broker.Url, Kinds = ["pair"] });
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pool = await JobPool.ConnectAsync(_broker.Url, new BrokerOptions { OnNotice = _ => lost.TrySetResult() });
        Assert.Equal("\"0/0\"", (await RawJobs.RunAsync(pool, fleet.Kind("pair"), ["[0,0]"]))[0].ToString());
        await _broker.StopAsync();
        await lost.Task.WaitAsync(RunningProgram.DefaultTimeout);
        var calling = RawJobs.RunAsync(pool, fleet.Kind("pair"), ["[1,2]"]);
        await _broker.StartAgainAsync();
        Assert.Equal("\"1/2\"", (await calling.WaitAsync(RunningProgram.DefaultTimeout))[0].ToString());
    }

    [Fact]
    public async Task Every_held_channel_is_lost_and_the_next_request_finds_a_new_connection()
    {
        await using var connection = await BrokerConnection.OpenAsync(BrokerAddress.Parse(_broker.Url), "held");
        var (lost, restored) = (NewSignal(), NewSignal());
        connection.Lost += _ =>
        {
            lost.TrySetResult();
            throw new InvalidOperationException("a handler that fails");
        };
        connection.Restored += () => restored.TrySetResult();
        await using var one = await connection.OpenChannelAsync();
        await using var other = await connection.OpenChannelAsync(confirms: true);
        await _broker.StopAsync();
        await lost.Task.WaitAsync(RunningProgram.DefaultTimeout);
        foreach (var held in new[] { one, other })
        {
            var told = NewSignal();
            held.Lost.Register(() => told.TrySetResult());
            await told.Task.WaitAsync(RunningProgram.DefaultTimeout);
        }

        await Assert.ThrowsAsync<BrokerUnavailableException>(() => connection.OpenChannelAsync());
        await one.DisposeAsync();
        await _broker.StartAgainAsync();
        await restored.Task.WaitAsync(RunningProgram.DefaultTimeout);
        await using var next = await connection.OpenChannelAsync();
        Assert.True(next.Channel.IsOpen);
        Assert.False(await connection.WithChannelAsync(channel => Task.FromResult(channel.IsClosed)));
    }

    [Fact]
    public async Task One_that_is_disposed_while_it_reconnects_ends_at_once()
    {
        var connection = await BrokerConnection.OpenAsync(BrokerAddress.Parse(_broker.Url), "held");
        var lost = NewSignal();
        connection.Lost += _ => lost.TrySetResult();
        await _broker.StopAsync();
        await lost.Task.WaitAsync(RunningProgram.DefaultTimeout);
        await connection.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5));
        await connection.DisposeAsync();
        await _broker.StartAgainAsync();
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => connection.OpenChannelAsync());
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
