using Broker.Pool;
using Broker.Tests.Handlers;
using Broker.Tests.Support;

namespace Broker.Tests.Integration;

public sealed class When_a_batch_is_streamed(SharedFleet shared)
{
    private readonly JobPool _pool = shared.Pool;

    [Fact]
    public async Task An_endless_source_is_read_only_as_far_as_the_window_allows()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["gated"], Concurrency = 6 });
        using var gate = new Gate();
        var read = 0;
        await using var outcomes = _pool.RunAsync(fleet.Kind("gated"), RawJobs.Items(Endless()), new BatchOptions { Chunk = 1, InFlight = 10 }).GetAsyncEnumerator();
        var first = outcomes.MoveNextAsync().AsTask();
        await gate.WaitForStartsAsync(6);
        // All slots hold a job and none has ended: what is read now is the window, and the job that waits to enter it.
        Assert.InRange(Volatile.Read(ref read), 6, 11);
        gate.Open();
        Assert.True(await first);
        for (var taken = 1; taken < 50; taken++)
            Assert.True(await outcomes.MoveNextAsync());
        Assert.Equal(49, outcomes.Current.Index);
        Assert.InRange(Volatile.Read(ref read), 50, 5000);

        IEnumerable<string> Endless()
        {
            while (true)
                yield return gate.Item(Interlocked.Increment(ref read) - 1);
        }
    }

    [Fact]
    public async Task A_reader_that_stops_taking_stops_the_source()
    {
        // Each result has a megabyte, and 32 of them may wait: a reader that takes one and rests must not be sent hundreds.
        var read = 0;
        await using var results = _pool.StreamAsync(Source(), new BatchOptions { Chunk = 1 }).GetAsyncEnumerator();
        Assert.True(await results.MoveNextAsync());
        var rested = 0;
        for (var unchanged = 0; unchanged < 10; unchanged = Volatile.Read(ref read) == rested ? unchanged + 1 : 0)
        {
            rested = Volatile.Read(ref read);
            await Task.Delay(100);
        }

        Assert.InRange(rested, 2, 200);
        for (var taken = 1; taken < 400; taken++)
            Assert.True(await results.MoveNextAsync());
        Assert.False(await results.MoveNextAsync());
        Assert.Equal(400, read);

        IEnumerable<Large> Source()
        {
            for (var item = 0; item < 400; item++)
            {
                Interlocked.Increment(ref read);
                yield return new Large(1_000_000);
            }
        }
    }

    [Fact]
    public async Task Leaving_it_early_ends_the_source_too()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await foreach (var result in _pool.StreamAsync(Source()))
        {
            Assert.Equal("0/1", result);
            break;
        }

        await ended.Task.WaitAsync(RunningProgram.DefaultTimeout);

        IEnumerable<Pair> Source()
        {
            try
            {
                for (var n = 0; ; n++)
                    yield return new Pair(n, n + 1);
            }
            finally
            {
                ended.SetResult();
            }
        }
    }
}
