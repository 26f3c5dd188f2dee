using Broker.Connection;
using Broker.Tests.Support;
using RabbitMQ.Client;

namespace Broker.Tests.Integration;

public sealed class When_a_request_is_cut_short : IAsyncLifetime
{
    private BrokerConnection? _connection;

    private BrokerConnection Connection => _connection!;

    public async ValueTask InitializeAsync() => _connection = await BrokerConnection.OpenAsync(BrokerAddress.Parse(TestBroker.Require()), "short requests");

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    [Fact]
    public async Task The_librarys_own_limit_is_an_outage_and_not_a_cancellation()
    {
        var before = await ChannelAsync();
        var error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => Connection.WithChannelAsync(_ => Task.FromException(new TaskCanceledException("an answer took 20 s"))));
        Assert.True(error.CanRetry);
        Assert.Contains("no answer", error.Message, StringComparison.Ordinal);
        Assert.NotSame(before, await ChannelAsync());
        Assert.False(before.IsOpen);
    }

    [Fact]
    public async Task Our_own_cancellation_stays_one_and_the_late_answer_reaches_nobody()
    {
        var before = await ChannelAsync();
        using var cancel = new CancellationTokenSource();
        var cut = Connection.WithChannelAsync(
            async channel =>
            {
                await cancel.CancelAsync();
                await channel.ExchangeDeclarePassiveAsync("amq.direct", cancel.Token);
            },
            cancel.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cut);
        Assert.NotSame(before, await ChannelAsync());
        for (var round = 0; round < 50; round++)
            Assert.StartsWith("amq.gen", (await Connection.WithChannelAsync(channel => channel.QueueDeclareAsync("", exclusive: true))).QueueName, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_caller_does_not_wait_for_a_broker_that_is_silent()
    {
        using var cancel = new CancellationTokenSource();
        var silent = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asking = Connection.WithChannelAsync(_ => silent.Task, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.WaitAsync(TimeSpan.FromSeconds(5)));
        Assert.True((await ChannelAsync().WaitAsync(TimeSpan.FromSeconds(5))).IsOpen);
    }

    [Fact]
    public async Task Many_cut_at_any_moment_leave_the_connection_in_order()
    {
        for (var round = 0; round < 100; round++)
        {
            using var cancel = new CancellationTokenSource(TimeSpan.FromMicroseconds(round * 40));
            try
            {
                await Connection.WithChannelAsync(channel => channel.ExchangeDeclarePassiveAsync("amq.topic", cancel.Token), cancel.Token);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                // Some are cut, some are not.
            }
        }

        Assert.True((await ChannelAsync()).IsOpen);
    }

    private Task<IChannel> ChannelAsync() => Connection.WithChannelAsync(Task.FromResult);
}
