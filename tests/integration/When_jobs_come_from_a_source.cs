using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Contracts;
using Broker.Pool;
using Broker.Tests.Handlers;
using Broker.Tests.Support;

namespace Broker.Tests.Integration;

public sealed class When_jobs_come_from_a_source(SharedFleet shared)
{
    private readonly JobPool _pool = shared.Pool;
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task An_asynchronous_one_serves_every_call()
    {
        Assert.Equal(Enumerable.Range(0, 50).Select(n => $"{n}/{n}"), await _pool.MapAsync(PairsAsync(50)));
        Assert.Equal(Enumerable.Range(0, 50).Select(n => $"{n}/{n}"), await _pool.StreamAsync(PairsAsync(50)).ToListAsync());
        Assert.Equal(Enumerable.Range(0, 50).Select(n => $"{n}/{n}"), (await _pool.WhenEachAsync(PairsAsync(50)).ToListAsync()).OrderBy(outcome => outcome.Index).Select(outcome => outcome.Value));
        var published = await _pool.PublishAsync(PairsAsync(50), new BatchOptions { Chunk = 10 });
        Assert.Equal(50, published.Items);
        Assert.NotEqual(Guid.Empty, published.BatchId);
    }

    [Fact]
    public async Task Nothing_is_nothing_for_every_call()
    {
        Assert.Empty(await _pool.MapAsync(PairsAsync(0)));
        Assert.Empty(await _pool.StreamAsync(Enumerable.Empty<Pair>()).ToListAsync());
        Assert.Empty(await _pool.WhenEachAsync(PairsAsync(0)).ToListAsync());
        Assert.Equal(0, (await _pool.PublishAsync(Enumerable.Empty<Pair>())).Items);
    }

    [Fact]
    public async Task What_is_ready_does_not_wait_for_a_source_that_blocks()
    {
        using var open = new ManualResetEventSlim();
        await using var results = _pool.StreamAsync(Blocking(), new BatchOptions { Chunk = 100 }).GetAsyncEnumerator();
        Assert.True(await results.MoveNextAsync().AsTask().WaitAsync(RunningProgram.DefaultTimeout));
        Assert.True(await results.MoveNextAsync().AsTask().WaitAsync(RunningProgram.DefaultTimeout));
        open.Set();
        Assert.True(await results.MoveNextAsync().AsTask().WaitAsync(RunningProgram.DefaultTimeout));
        Assert.Equal("3/3", results.Current);
        Assert.False(await results.MoveNextAsync());

        IEnumerable<Pair> Blocking()
        {
            yield return new Pair(1, 1);
            yield return new Pair(2, 2);
            Assert.True(open.Wait(RunningProgram.DefaultTimeout));
            yield return new Pair(3, 3);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(50)]
    public async Task A_source_may_wait_for_results_of_its_own_call(int? chunk)
    {
        using var arrived = new BlockingCollection<string>();
        var results = new List<string>();
        await foreach (var outcome in _pool.WhenEachAsync(Following(), new BatchOptions { Chunk = chunk, Deadline = RunningProgram.DefaultTimeout }))
        {
            results.Add(outcome.Value!);
            arrived.Add(outcome.Value!);
        }

        Assert.Equal(["0/0", "1/1", "2/2", "3/3", "4/4"], results);

        IEnumerable<Pair> Following()
        {
            yield return new Pair(0, 0);
            for (var n = 1; n < 5; n++)
            {
                Assert.Equal($"{n - 1}/{n - 1}", arrived.Take());
                yield return new Pair(n, n);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_disposed_when_the_loop_is_left(bool asynchronous)
    {
        await foreach (var result in asynchronous ? _pool.StreamAsync(PairsAsync(int.MaxValue)) : _pool.StreamAsync(Pairs()))
        {
            Assert.Equal("0/0", result);
            break;
        }

        Assert.True(_disposed.Task.IsCompleted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_disposed_when_the_token_fires(bool asynchronous)
    {
        using var gate = new Gate();
        using var stop = new CancellationTokenSource();
        var mapping = asynchronous ? _pool.MapAsync(WaitingAsync(gate.Folder), cancellationToken: stop.Token) : _pool.MapAsync(Waiting(gate.Folder), cancellationToken: stop.Token);
        await gate.WaitForStartsAsync(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mapping.WaitAsync(RunningProgram.DefaultTimeout));
        await _disposed.Task.WaitAsync(RunningProgram.DefaultTimeout);
        gate.Open();
    }

    [Fact]
    public async Task A_job_that_is_null_is_named()
    {
        IEnumerable<Pair> jobs = Enumerable.Range(0, 5).Select(n => n == 3 ? null! : new Pair(n, n));
        Assert.Equal("job 3 is null", (await Assert.ThrowsAsync<ArgumentException>(() => _pool.MapAsync(jobs))).Message);
        Assert.Equal("job 3 is null", (await Assert.ThrowsAsync<ArgumentException>(() => _pool.PublishAsync(jobs))).Message);
    }

    [Fact]
    public async Task Options_for_json_of_the_programs_own_write_the_jobs_and_read_the_results()
    {
        var json = PayloadJson.With(options => options.Converters.Add(new Numbers()));
        await using var pool = await JobPool.ConnectAsync(TestBroker.Require(), new BrokerOptions { Json = json });
        Assert.Equal("12/-1", await pool.CallAsync(new Pair(11, -2)));
    }

    private IEnumerable<Pair> Pairs()
    {
        try
        {
            for (var n = 0; ; n++)
                yield return new Pair(n, n);
        }
        finally
        {
            _disposed.TrySetResult();
        }
    }

    private async IAsyncEnumerable<Pair> PairsAsync(int count)
    {
        try
        {
            for (var n = 0; n < count; n++)
            {
                if (n % 10 == 3)
                    await Task.Yield();
                yield return new Pair(n, n);
            }
        }
        finally
        {
            _disposed.TrySetResult();
        }
    }

    private IEnumerable<Gated> Waiting(string folder)
    {
        try
        {
            for (var n = 0; ; n++)
                yield return new Gated(folder, n);
        }
        finally
        {
            _disposed.TrySetResult();
        }
    }

    private async IAsyncEnumerable<Gated> WaitingAsync(string folder, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            yield return new Gated(folder, 0);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            _disposed.TrySetResult();
        }
    }

    /// <summary>Writes each number larger by one.</summary>
    private sealed class Numbers : JsonConverter<long>
    {
        public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetInt64();

        public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value + 1);
    }
}
