using Broker.Connection;
using Broker.Pool;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Pool;

public sealed class When_batches_are_left
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

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
        await left.EndAsync(Timeout, CancellationToken.None);
        Assert.Equal([[ids[0]], ids[1..]], _sent);
    }

    [Fact]
    public async Task They_are_sent_again_when_the_broker_was_away()
    {
        _failures = 1;
        _gate.SetResult();
        var left = Left();
        left.Add(Guid.NewGuid());
        Assert.Null(await left.EndAsync(Timeout, CancellationToken.None));
        Assert.Equal(2, Count);
    }

    [Fact]
    public async Task What_kept_them_from_being_cancelled_is_told()
    {
        _failures = int.MaxValue;
        _gate.SetResult();
        var left = Left();
        left.Add(Guid.NewGuid());
        SpinWait.SpinUntil(() => Count == 1, TimeSpan.FromSeconds(10));
        Assert.Equal("away", (await left.EndAsync(TimeSpan.FromSeconds(0.5), CancellationToken.None))?.Message);
    }

    [Fact]
    public async Task The_end_of_a_pool_does_not_wait_for_a_broker_that_says_nothing()
    {
        var left = Left();
        left.Add(Guid.NewGuid());
        var error = await left.EndAsync(TimeSpan.FromSeconds(2), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("the broker did not confirm within 2 s that jobs are cancelled", error?.Message);
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

    private LeftJobs Left() => new(
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
