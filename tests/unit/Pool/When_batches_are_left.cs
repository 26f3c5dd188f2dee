using Broker.Connection;
using Broker.Pool;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Pool;

public sealed class When_batches_are_left
{
    private readonly List<IReadOnlyList<Guid>> _sent = [];
    private readonly TaskCompletionSource _gate = new();
    private int _failures;

    [Fact]
    public async Task Those_that_come_during_a_send_travel_together_in_the_next()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        var left = Left();
        left.Add(ids[0]);
        SpinWait.SpinUntil(() => Count == 1, TimeSpan.FromSeconds(10));
        foreach (var id in ids[1..])
            left.Add(id);
        _gate.SetResult();
        await left.EndAsync();
        Assert.Equal([[ids[0]], ids[1..]], _sent);
    }

    [Fact]
    public async Task They_are_sent_again_when_the_broker_was_away()
    {
        _failures = 1;
        _gate.SetResult();
        var left = Left();
        left.Add(Guid.NewGuid());
        await left.EndAsync();
        Assert.Equal(2, Count);
    }

    [Fact]
    public async Task The_end_of_a_pool_does_not_wait_for_a_broker_that_says_nothing()
    {
        var left = Left();
        left.Add(Guid.NewGuid());
        await left.EndAsync().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(_gate.Task.IsCompleted);
    }

    private int Count
    {
        get
        {
            lock (_sent)
                return _sent.Count;
        }
    }

    private LeftBatches Left() => new(
        async (ids, token) =>
        {
            lock (_sent)
                _sent.Add(ids);
            await _gate.Task.WaitAsync(token);
            if (_failures-- > 0)
                throw new BrokerUnavailableException("away");
        },
        NullLogger.Instance);
}
