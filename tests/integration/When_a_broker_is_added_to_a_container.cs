using System.Collections.Concurrent;
using Broker.Connection;
using Broker.Pool;
using Broker.Tests.Handlers;
using Broker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Integration;

public sealed class When_a_broker_is_added_to_a_container(OwnBroker own) : IClassFixture<OwnBroker>
{
    private readonly PrivateBroker _broker = own.Require();

    [Fact]
    public async Task The_broker_may_be_absent_then_come_and_then_restart()
    {
        // The args records of this process must name the same kinds as those of the consumers.
        var plan = new FleetPlan { Url = _broker.Url, Kinds = ["pair"], Suffix = KindSuffix.Of("")[1..] };
        await _broker.StopAsync();
        var notices = new ConcurrentQueue<string>();
        await using var services = new ServiceCollection().AddBroker(options => (options.Url, options.OnNotice) = (_broker.Url, notices.Enqueue)).BuildServiceProvider();
        var pool = services.GetRequiredService<IJobPool>();
        var calling = pool.CallAsync(new Pair(1, 2));
        var submitting = pool.SubmitAsync(new Pair(3, 4), new CallOptions { Deadline = TimeSpan.FromMinutes(2) });
        await Assert.ThrowsAsync<TimeoutException>(() => pool.CallAsync(new Pair(5, 6), new CallOptions { Deadline = TimeSpan.FromSeconds(1) }));
        Assert.False(calling.IsCompleted);
        Assert.False(submitting.IsCompleted);
        Assert.Contains(notices, notice => notice.EndsWith("waiting for it", StringComparison.Ordinal));

        await _broker.StartAgainAsync();
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        Assert.Equal("1/2", await calling.WaitAsync(RunningProgram.DefaultTimeout));
        Assert.Equal("3/4", await (await submitting.WaitAsync(RunningProgram.DefaultTimeout)).WaitAsync(RunningProgram.DefaultTimeout));

        await _broker.StopAsync();
        var meanwhile = pool.MapAsync([new Pair(7, 8), new Pair(9, 10)]);
        await _broker.StartAgainAsync();
        Assert.Equal(["7/8", "9/10"], await meanwhile.WaitAsync(RunningProgram.DefaultTimeout));
    }

    [Fact]
    public async Task A_kind_that_is_new_while_the_broker_is_away_is_declared_when_it_comes_back()
    {
        var kind = $"new-{FleetPlan.NewSuffix()}";
        await using var pool = await JobPool.ConnectAsync(_broker.Url);
        await _broker.StopAsync();
        var publishing = pool.PublishAsync(kind, RawJobs.Items(["1", "2"]), new BatchOptions { Deadline = TimeSpan.FromMinutes(2) });
        await _broker.StartAgainAsync();
        Assert.Equal(2, (await publishing.WaitAsync(TimeSpan.FromMinutes(1))).Items);
        Assert.Equal(2, (await pool.Fleet.LookAtAsync(kind)).Jobs?.Ready);
    }

    [Fact]
    public async Task Refused_credentials_end_every_call_at_once()
    {
        await using var services = new ServiceCollection().AddBroker(options => options.Url = TestBroker.With(address => address.Password = "not-the-passw0rd")).BuildServiceProvider();
        var pool = services.GetRequiredService<IJobPool>();
        for (var call = 0; call < 2; call++)
        {
            var error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => pool.CallAsync(new Pair(1, 2)).WaitAsync(TimeSpan.FromSeconds(20)));
            Assert.Contains("refused user '", error.Message, StringComparison.Ordinal);
            Assert.False(error.CanRetry);
        }
    }

    [Fact]
    public async Task Without_a_deadline_a_submit_gives_up_after_half_a_minute_and_says_why()
    {
        await using var services = new ServiceCollection().AddBroker(options => options.Url = Programs.NoBroker).BuildServiceProvider();
        var pool = services.GetRequiredService<IJobPool>();
        var publishing = pool.PublishAsync([new Pair(1, 2)]);
        var error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => pool.SubmitAsync(new Pair(1, 2)).WaitAsync(TimeSpan.FromSeconds(45)));
        Assert.Contains("no RabbitMQ at 127.0.0.1:1 (connection refused)", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => publishing.WaitAsync(TimeSpan.FromSeconds(15)));
    }
}
