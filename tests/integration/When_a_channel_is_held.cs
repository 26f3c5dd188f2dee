using Broker.Connection;
using Broker.Tests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Tests.Integration;

public sealed class When_a_channel_is_held : IAsyncLifetime
{
    private readonly string _queue = $"held-{FleetPlan.NewSuffix()}";
    private BrokerConnection? _connection;

    private BrokerConnection Connection => _connection!;

    public async ValueTask InitializeAsync() => _connection = await BrokerConnection.OpenAsync(BrokerAddress.Parse(TestBroker.Require()), "held channels");

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    [Fact]
    public async Task A_wait_on_it_holds_up_neither_another_nor_the_shared_channel()
    {
        await using var waiting = await Connection.OpenChannelAsync();
        await using var other = await Connection.OpenChannelAsync(confirms: true);
        await Connection.WithChannelAsync(channel => channel.QueueDeclareAsync(_queue, durable: false, exclusive: true));
        var consumer = new RabbitMQ.Client.Events.AsyncEventingBasicConsumer(waiting.Channel);
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        consumer.ReceivedAsync += (_, _) =>
        {
            began.TrySetResult();
            return release.Task;
        };
        await waiting.Channel.BasicConsumeAsync(_queue, autoAck: false, consumer);
        await other.Channel.BasicPublishAsync("", _queue, mandatory: true, "x"u8.ToArray());
        await began.Task.WaitAsync(RunningProgram.DefaultTimeout);
        Assert.Equal(1u, await other.Channel.ConsumerCountAsync(_queue));
        Assert.Equal(1u, (await Connection.WithChannelAsync(channel => channel.QueueDeclarePassiveAsync(_queue))).ConsumerCount);
        release.SetResult();
        Assert.False(waiting.Lost.IsCancellationRequested || other.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task An_error_on_it_is_told_to_its_holder_alone()
    {
        await using var broken = await Connection.OpenChannelAsync();
        await using var whole = await Connection.OpenChannelAsync();
        await Assert.ThrowsAsync<OperationInterruptedException>(() => broken.Channel.QueueDeclarePassiveAsync($"none-{_queue}"));
        await EndAsync(broken.Lost);
        Assert.False(whole.Lost.IsCancellationRequested);
        Assert.True(whole.Channel.IsOpen);
    }

    [Fact]
    public async Task One_that_is_lost_already_tells_a_late_listener()
    {
        await using var broken = await Connection.OpenChannelAsync();
        await Assert.ThrowsAsync<OperationInterruptedException>(() => broken.Channel.QueueDeclarePassiveAsync($"none-{_queue}"));
        await EndAsync(broken.Lost);
        var heard = false;
        await using var late = broken.Lost.Register(() => heard = true);
        Assert.True(heard);
    }

    [Fact]
    public async Task Its_release_loses_nothing_and_returns_what_was_held()
    {
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        await channel.QueueDeclareAsync(_queue, durable: false, exclusive: false, autoDelete: true);
        await channel.BasicPublishAsync("", _queue, mandatory: true, "permit"u8.ToArray());
        var held = await Connection.OpenChannelAsync();
        Assert.False((await held.Channel.BasicGetAsync(_queue, autoAck: false))!.Redelivered);
        Assert.Null(await channel.BasicGetAsync(_queue, autoAck: true));
        await held.DisposeAsync();
        await held.DisposeAsync();
        Assert.False(held.Lost.IsCancellationRequested);
        Assert.True((await channel.BasicGetAsync(_queue, autoAck: true))!.Redelivered);
        await probe.DeleteAsync(_queue);
    }

    [Fact]
    public async Task Released_channels_are_closed_and_not_only_forgotten()
    {
        var first = await Connection.OpenChannelAsync();
        var number = first.Channel.ChannelNumber;
        await first.DisposeAsync();
        for (var round = 0; round < 20; round++)
        {
            await using var next = await Connection.OpenChannelAsync();
            // The broker's answer frees a number; one that is open would not be given again.
            Assert.Equal(number, next.Channel.ChannelNumber);
        }
    }

    [Fact]
    public async Task All_are_lost_with_the_owner_of_the_connection()
    {
        var held = await Connection.OpenChannelAsync();
        await Connection.DisposeAsync();
        await EndAsync(held.Lost);
        await held.DisposeAsync();
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => Connection.OpenChannelAsync());
    }

    private static Task EndAsync(CancellationToken lost)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lost.Register(() => ended.TrySetResult());
        return ended.Task.WaitAsync(RunningProgram.DefaultTimeout, CancellationToken.None);
    }
}
