using Broker.Primitives;
using Broker.Tests.Support;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_a_leader_is_needed
{
    private readonly string _name = TokenClient.NewName();

    [Fact]
    public async Task There_is_one_and_after_it_another_with_a_larger_number()
    {
        using var front = new BrokerFront();
        await using var client = new TokenClient(front.Url);
        await using var other = new TokenClient();
        using var end = new CancellationTokenSource();
        var leads = System.Threading.Channels.Channel.CreateUnbounded<(string Who, long Fence)>();
        var first = new BrokerLeader(client.Kernel, _name).RunAsync((fence, cancellationToken) => LeadAsync("first", fence, cancellationToken), end.Token);
        var lead = await leads.Reader.ReadAsync();
        Assert.Equal("first", lead.Who);
        var second = new BrokerLeader(other.Kernel, _name).RunAsync((fence, cancellationToken) => LeadAsync("second", fence, cancellationToken), end.Token);
        await other.WaitersAsync(new("leader", _name, 1), 1);
        front.Cut();
        var next = await leads.Reader.ReadAsync();
        Assert.Equal("second", next.Who);
        Assert.True(next.Fence > lead.Fence);
        // The first one waits again.
        await other.WaitersAsync(new("leader", _name, 1), 1);
        Assert.False(first.IsCompleted);
        await new BrokerLeader(other.Kernel, _name).BreakAsync();
        Assert.True((await leads.Reader.ReadAsync()).Fence > next.Fence);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);

        async Task LeadAsync(string who, long fence, CancellationToken cancellationToken)
        {
            await leads.Writer.WriteAsync((who, fence), CancellationToken.None);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }

    [Fact]
    public async Task Its_work_ends_it_with_its_result_or_its_error()
    {
        TestBroker.Require();
        await using var client = new TokenClient();
        var leader = new BrokerLeader(client.Kernel, _name);
        var runs = 0;
        await leader.RunAsync((_, _) => Task.FromResult(runs++));
        await Assert.ThrowsAsync<NotSupportedException>(() => leader.RunAsync((_, _) => throw new NotSupportedException()));
        await leader.RunAsync((_, _) => Task.FromResult(runs++));
        Assert.Equal(2, runs);
    }
}
