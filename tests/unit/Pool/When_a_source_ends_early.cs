using System.Collections;
using Broker.Pool;

namespace Broker.Tests.Unit.Pool;

public sealed class When_a_source_ends_early : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly Numbers _numbers = new();

    public static TheoryData<bool> Sources => [false, true];

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task The_results_before_what_it_throws_reach_the_caller(bool asynchronous)
    {
        await using var pool = await Echo.PoolAsync();
        _numbers.ThrowsAt = 5;
        var results = new List<string?>();
        var options = new BatchOptions { Chunk = 3 };
        var error = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var result in asynchronous ? pool.StreamAsync(_numbers.ToAsyncEnumerable(), options) : pool.StreamAsync(_numbers, options))
                results.Add(result);
        });
        Assert.Equal("broken", error.Message);
        Assert.Equal(["0", "1", "2", "3", "4"], results);
        Assert.Equal(1, _numbers.Disposals);
    }

    [Fact]
    public async Task The_jobs_before_a_null_are_published_and_those_before_what_cannot_be_sent_have_their_results()
    {
        await using var pool = await Echo.PoolAsync();
        var results = new List<string?>();
        var error = await Assert.ThrowsAsync<ArgumentException>(async () =>
        {
            await foreach (var outcome in pool.WhenEachAsync(new[] { new Echo("a"), new Echo("b"), null! }.Where(_ => true)))
                results.Add(outcome.Value);
        });
        Assert.Equal("job 2 is null", error.Message);
        Assert.Equal(["a", "b"], results.Order());
        _numbers.ThrowsAt = 2;
        await Assert.ThrowsAsync<InvalidDataException>(() => pool.PublishAsync(_numbers));
        Assert.Equal(1, _numbers.Disposals);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_token_that_fires_ends_the_reading_while_the_loop_still_works_on_a_result(bool asynchronous)
    {
        await using var pool = await Echo.PoolAsync();
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            var options = new BatchOptions { Chunk = 1, InFlight = 1 };
            await foreach (var result in asynchronous ? pool.StreamAsync(_numbers.ToAsyncEnumerable(), options, stop.Token) : pool.StreamAsync(_numbers, options, stop.Token))
            {
                await stop.CancelAsync();
                await _numbers.Disposed.WaitAsync(Limit);
            }
        });
        Assert.Equal(1, _numbers.Disposals);
        Assert.False(_numbers.ReadAfterDisposal);
    }

    [Fact]
    public async Task One_that_blocks_holds_up_neither_the_loops_end_nor_its_own_disposal_when_it_comes_back()
    {
        await using var pool = await Echo.PoolAsync();
        _numbers.BlocksAt = 2;
        var results = new List<string?>();
        var looping = Task.Run(async () =>
        {
            await foreach (var result in pool.StreamAsync(_numbers, new BatchOptions { Chunk = 10 }))
            {
                results.Add(result);
                if (results.Count == 2)
                    break;
            }
        });
        await looping.WaitAsync(Limit);
        Assert.Equal(["0", "1"], results);
        Assert.Equal(0, _numbers.Disposals);
        _numbers.Open();
        await _numbers.Disposed.WaitAsync(Limit);
        Assert.Equal((1, 3), (_numbers.Disposals, _numbers.Read));
    }

    public void Dispose() => _numbers.Open();

    /// <summary>Counts what is done with it. An iterator would run its end once, however often it is disposed.</summary>
    private sealed class Numbers : IEnumerable<Echo>, IEnumerator<Echo>
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _open = new();
        private int _disposals;

        public int? ThrowsAt { get; set; }

        public int? BlocksAt { get; set; }

        public int Read { get; private set; }

        public int Disposals => Volatile.Read(ref _disposals);

        public bool ReadAfterDisposal { get; private set; }

        public Task Disposed => _disposed.Task;

        public Echo Current => new($"{Read - 1}");

        object IEnumerator.Current => Current;

        public void Open() => _open.Set();

        public bool MoveNext()
        {
            ReadAfterDisposal |= Disposals > 0;
            if (Read == ThrowsAt)
                throw new InvalidDataException("broken");
            if (Read == BlocksAt)
                Assert.True(_open.Wait(Limit));
            Read++;
            return true;
        }

        public void Reset() => throw new NotSupportedException();

        public IEnumerator<Echo> GetEnumerator() => this;

        IEnumerator IEnumerable.GetEnumerator() => this;

        public void Dispose()
        {
            Interlocked.Increment(ref _disposals);
            _disposed.TrySetResult();
        }
    }
}
