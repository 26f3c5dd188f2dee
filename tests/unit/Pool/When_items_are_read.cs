using System.Runtime.CompilerServices;
using System.Text;
using Broker.Pool;

namespace Broker.Tests.Unit.Pool;

public sealed class When_items_are_read
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _read;

    public static TheoryData<string> Sources => ["synchronous", "asynchronous"];

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Each_comes_once_and_in_order(string source)
    {
        var reader = Read(source, Numbers(100));
        var read = new List<string>();
        while (await reader.MoveNextAsync(7, CancellationToken.None))
            read.Add(Encoding.UTF8.GetString(reader.Current.Span));
        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"{number}"), read);
        Assert.False(await reader.MoveNextAsync(1, CancellationToken.None));
        await reader.DisposeAsync();
        await _disposed.Task.WaitAsync(Limit);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task What_a_source_throws_is_the_readers(string source)
    {
        await using var reader = Read(source, Broken());
        Assert.True(await reader.MoveNextAsync(1, CancellationToken.None));
        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidDataException>(async () => await reader.MoveNextAsync(1, CancellationToken.None))).Message);

        static IEnumerable<int> Broken()
        {
            yield return 0;
            throw new InvalidDataException("broken");
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_source_that_is_left_is_disposed(string source)
    {
        var reader = Read(source, Numbers(100));
        Assert.True(await reader.MoveNextAsync(1, CancellationToken.None));
        Assert.False(_disposed.Task.IsCompleted);
        await reader.DisposeAsync();
        Assert.True(_disposed.Task.IsCompleted);
    }

    [Fact]
    public async Task A_source_is_read_no_further_than_was_asked_for()
    {
        await using var reader = Read("synchronous", Numbers(100));
        Assert.Equal(0, _read);
        Assert.True(await reader.MoveNextAsync(1, CancellationToken.None));
        Assert.Equal(1, _read);
        for (var item = 0; item < 5; item++)
            Assert.True(await reader.MoveNextAsync(5 - item, CancellationToken.None));
        Assert.Equal(6, _read);
    }

    [Fact]
    public async Task A_source_of_large_items_is_read_no_further_than_a_message_holds()
    {
        await using var reader = new ThreadItems<int>(Numbers(100), _ => new byte[ChunkSizer.MaxBytes / 2], () => "kind");
        for (var item = 1; item <= 3; item++)
            Assert.True(await reader.MoveNextAsync(100, CancellationToken.None));
        Assert.Equal(3, _read);
    }

    [Fact]
    public async Task What_a_source_has_given_does_not_wait_for_what_it_blocks_on()
    {
        using var open = new ManualResetEventSlim();
        await using var reader = Read("synchronous", Blocking());
        Assert.True(await reader.MoveNextAsync(100, CancellationToken.None).AsTask().WaitAsync(Limit));
        Assert.True(await reader.MoveNextAsync(99, CancellationToken.None).AsTask().WaitAsync(Limit));
        var third = reader.MoveNextAsync(98, CancellationToken.None).AsTask();
        Assert.False(third.IsCompleted);
        open.Set();
        Assert.True(await third.WaitAsync(Limit));

        IEnumerable<int> Blocking()
        {
            yield return 0;
            yield return 1;
            Assert.True(open.Wait(Limit));
            yield return 2;
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Waiting_can_be_given_up_and_a_blocked_source_is_disposed_when_it_comes_back(string source)
    {
        using var open = new ManualResetEventSlim();
        using var blocked = new ManualResetEventSlim();
        using var stop = new CancellationTokenSource();
        var reader = source == "synchronous" ? Read(source, Blocking()) : new AsyncItems<int>(BlockingAsync(), Encode, () => "kind");
        Assert.True(await reader.MoveNextAsync(1, stop.Token));
        var waiting = reader.MoveNextAsync(1, stop.Token).AsTask();
        Assert.True(blocked.Wait(Limit, CancellationToken.None));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Limit));
        await IItemReader.EndAsync(reader, Task.CompletedTask).WaitAsync(Limit);
        Assert.False(_disposed.Task.IsCompleted);
        open.Set();
        await _disposed.Task.WaitAsync(Limit);

        IEnumerable<int> Blocking()
        {
            try
            {
                yield return 0;
                blocked.Set();
                Assert.True(open.Wait(Limit));
                yield return 1;
            }
            finally
            {
                _disposed.SetResult();
            }
        }

        async IAsyncEnumerable<int> BlockingAsync([EnumeratorCancellation] CancellationToken ignored = default)
        {
            try
            {
                yield return 0;
                blocked.Set();
                await Task.Run(() => Assert.True(open.Wait(Limit)), CancellationToken.None);
                yield return 1;
            }
            finally
            {
                _disposed.SetResult();
            }
        }
    }

    private static ReadOnlyMemory<byte> Encode(int number) => Encoding.UTF8.GetBytes($"{number}");

    private static IItemReader Read(string source, IEnumerable<int> items) => source == "synchronous"
        ? new ThreadItems<int>(items, Encode, () => "kind")
        : new AsyncItems<int>(items.ToAsyncEnumerable(), Encode, () => "kind");

    private IEnumerable<int> Numbers(int count)
    {
        try
        {
            for (var number = 0; number < count; number++)
            {
                Interlocked.Increment(ref _read);
                yield return number;
            }
        }
        finally
        {
            _disposed.TrySetResult();
        }
    }
}
