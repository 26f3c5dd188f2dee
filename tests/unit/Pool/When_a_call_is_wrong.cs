using Broker.Contracts;
using Broker.Contracts.BuiltIn;
using Broker.Pool;

namespace Broker.Tests.Unit.Pool;

public sealed class When_a_call_is_wrong : IAsyncDisposable
{
    /// <summary>Nothing listens there: what is refused at once does not need it.</summary>
    private readonly JobPool _pool = new(ClientSettings.Of(new BrokerOptions { Url = "amqp://127.0.0.1:1/" }));

    public static TheoryData<BatchOptions, string> Wrong => new()
    {
        { new BatchOptions { Chunk = 0 }, "Chunk" },
        { new BatchOptions { Chunk = 100_001 }, "Chunk" },
        { new BatchOptions { InFlight = 0 }, "InFlight" },
        { new BatchOptions { InFlight = 1_000_001 }, "InFlight" },
        { new BatchOptions { Priority = 0 }, "Priority" },
        { new BatchOptions { Priority = 32 }, "Priority" },
        { new BatchOptions { ItemTimeout = TimeSpan.Zero }, "ItemTimeout" },
        { new BatchOptions { ItemTimeout = TimeSpan.FromDays(50) }, "ItemTimeout" },
        { new BatchOptions { Deadline = TimeSpan.FromSeconds(-1) }, "Deadline" },
        { new BatchOptions { Deadline = TimeSpan.FromDays(50) }, "Deadline" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void An_option_out_of_its_range_is_refused_when_called_and_not_when_read(BatchOptions options, string name)
    {
        IJob<long>[] jobs = [new DoubleNumber(1)];
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => _pool.StreamAsync(jobs, options)).ParamName);
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => _pool.StreamAsync(jobs.ToAsyncEnumerable(), options)).ParamName);
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => _pool.WhenEachAsync(jobs, options)).ParamName);
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => { _ = _pool.MapAsync(jobs, options); }).ParamName);
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => { _ = _pool.PublishAsync(jobs, options); }).ParamName);
    }

    [Fact]
    public void A_sequence_that_is_null_is_refused_when_called() => Assert.Throws<ArgumentNullException>(() => _pool.StreamAsync((IEnumerable<IJob<long>>)null!));

    [Fact]
    public async Task A_disposed_pool_is_told_when_called()
    {
        await _pool.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => _pool.StreamAsync([new DoubleNumber(1)]));
    }

    [Fact]
    public void A_job_that_is_null_is_named_by_its_index()
    {
        var encoder = new JobEncoder<long>(PayloadJson.Options);
        encoder.Encode(new DoubleNumber(1));
        Assert.Equal("job 1 is null", Assert.Throws<ArgumentException>(() => encoder.Encode(null!)).Message);
    }

    [Fact]
    public void Without_a_limit_of_its_own_a_call_has_the_pools_and_may_ask_for_none()
    {
        var limit = TimeSpan.FromSeconds(5);
        Assert.Equal(limit, new BatchOptions().Validated(limit).Deadline);
        Assert.Equal(TimeSpan.FromSeconds(1), new BatchOptions { Deadline = TimeSpan.FromSeconds(1) }.Validated(limit).Deadline);
        Assert.Null(new BatchOptions { Deadline = Timeout.InfiniteTimeSpan }.Validated(limit).Deadline);
        Assert.Null(new BatchOptions().Validated(null).Deadline);
    }

    public ValueTask DisposeAsync() => _pool.DisposeAsync();
}
