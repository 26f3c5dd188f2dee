using System.Text.Json;
using Broker.Contracts;
using Broker.Pool;
using Broker.Tests.Handlers;
using Broker.Tests.Support;

namespace Broker.Tests.Integration;

public sealed class When_jobs_are_run(SharedFleet shared)
{
    private readonly JobPool _pool = shared.Pool;

    [Fact]
    public async Task A_call_returns_the_result() => Assert.Equal("3/4", await _pool.CallAsync(new Pair(3, 4)));

    [Fact]
    public async Task A_handler_is_told_its_job_batch_place_and_attempt()
    {
        var seen = await _pool.MapAsync([new Context("a"), new Context("b"), new Context("c")], new BatchOptions { Chunk = 2 });
        Assert.Equal([("a", 0), ("b", 1), ("c", 2)], seen.Select(context => (context.Note, (int)context.Index)));
        Assert.Equal(seen[0].JobId, seen[1].JobId);
        Assert.NotEqual(seen[0].JobId, seen[2].JobId);
        Assert.All(seen, context => Assert.Equal((seen[0].BatchId, 1), (context.BatchId, context.Attempt)));
        Assert.NotNull(seen[0].BatchId);
        Assert.All(seen, context => Assert.Contains(context.ProcessId, shared.Consumers.ChildIds));
    }

    [Fact]
    public async Task A_map_returns_results_in_the_order_of_the_jobs_however_long_each_takes()
    {
        var results = await _pool.MapAsync(Enumerable.Range(0, 40).Select(n => new Pause((n * 7 % 5) * 10, n)));
        Assert.Equal(Enumerable.Range(0, 40), results.Select(result => (int)result.Number));
    }

    [Fact]
    public async Task A_map_of_nothing_is_nothing() => Assert.Empty(await _pool.MapAsync(Array.Empty<Pair>()));

    [Fact]
    public async Task A_map_of_two_kinds_is_refused()
    {
        IJob<string>[] jobs = [new Pair(1, 2), new Large(3)];
        Assert.Contains("job 1 is a", (await Assert.ThrowsAsync<ArgumentException>(() => _pool.MapAsync(jobs))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_throws_ends_the_map_with_its_error() =>
        Assert.Equal("the source broke", (await Assert.ThrowsAsync<InvalidDataException>(() => _pool.MapAsync(Breaking()))).Message);

    [Fact]
    public async Task Outcomes_are_completed_as_they_come_and_failures_are_among_them()
    {
        var outcomes = new List<JobOutcome<long>>();
        await foreach (var outcome in _pool.WhenEachAsync([new Behave("well", 1), new Behave("fail", 2), new Behave("reject", 3), new Behave("well", 4)]))
            outcomes.Add(outcome);
        var byIndex = outcomes.OrderBy(outcome => outcome.Index).ToList();
        Assert.Equal([true, false, false, true], byIndex.Select(outcome => outcome.Succeeded));
        Assert.Equal([1, 0, 0, 4], byIndex.Select(outcome => outcome.Value));
        Assert.Equal([0, 1, 2, 3], byIndex.Select(outcome => outcome.Index));
    }

    [Fact]
    public async Task A_quick_outcome_does_not_wait_for_a_slow_one_before_it()
    {
        using var gate = new Gate();
        var options = new BatchOptions { Chunk = 1 };
        await using var outcomes = _pool.WhenEachAsync(Sequence(), options).GetAsyncEnumerator();
        Assert.True(await outcomes.MoveNextAsync());
        Assert.Equal(1, outcomes.Current.Index);
        gate.Open();
        Assert.True(await outcomes.MoveNextAsync());
        Assert.Equal(0, outcomes.Current.Index);
        Assert.False(await outcomes.MoveNextAsync());

        IEnumerable<Gated> Sequence()
        {
            yield return new Gated(gate.Folder, 0);
            using var open = new Gate();
            open.Open();
            yield return new Gated(open.Folder, 1);
            // Read on only when the second has been answered, or its folder would be gone.
            SpinWait.SpinUntil(() => open.Begun.Count == 1);
        }
    }

    [Fact]
    public async Task A_failure_carries_the_remote_type_message_stack_and_worker()
    {
        var error = await Assert.ThrowsAsync<JobFailedException>(() => _pool.CallAsync(new Behave("fail", 5)));
        Assert.Equal(("System.InvalidOperationException", "item 5 was told to fail", 0, 3), (error.RemoteType, error.RemoteMessage, error.Index, error.Attempt));
        Assert.Contains("BehaveHandler.HandleAsync", error.RemoteStackTrace, StringComparison.Ordinal);
        Assert.Equal(Environment.MachineName, error.Worker!.Host);
        Assert.Contains(error.Worker.ProcessId, shared.Consumers.ChildIds);
        Assert.Contains($"pid {error.Worker.ProcessId}", error.Message, StringComparison.Ordinal);
        Assert.NotEqual(Guid.Empty, error.JobId);
        Assert.NotEqual(Guid.Empty, error.BatchId);
    }

    [Fact]
    public async Task An_item_that_fails_leaves_the_others_of_its_chunk_their_results()
    {
        Behave[] jobs = [new("well", 1), new("fail", 2), new("well", 3), new("odd", 4), new("well", 5)];
        var outcomes = new List<JobOutcome<long>>();
        await foreach (var outcome in _pool.WhenEachAsync(jobs, new BatchOptions { Chunk = 5, Attempts = 1 }))
            outcomes.Add(outcome);
        Assert.All(outcomes, outcome => Assert.Equal(5, outcome.Run.Items));
        Assert.Equal([1, 3, 5], outcomes.Where(outcome => outcome.Succeeded).OrderBy(outcome => outcome.Index).Select(outcome => outcome.Value));
        Assert.Equal([1, 3], outcomes.Where(outcome => !outcome.Succeeded).Select(outcome => outcome.Index).Order());
    }

    [Fact]
    public async Task A_map_ends_with_its_first_failure_in_order()
    {
        var error = await Assert.ThrowsAsync<JobFailedException>(() => _pool.MapAsync([new Behave("well", 1), new Behave("fail", 2), new Behave("reject", 3)]));
        Assert.Equal(1, error.Index);
    }

    [Fact]
    public async Task A_result_that_cannot_be_written_is_a_failure()
    {
        var error = await Assert.ThrowsAsync<JobFailedException>(() => _pool.CallAsync(new Cyclic()));
        Assert.Equal("bad-result", error.RemoteType);
    }

    [Fact]
    public async Task Results_larger_than_one_message_part_all_arrive()
    {
        var results = await _pool.MapAsync(Enumerable.Range(0, 30).Select(n => new Large(400_000 + n)), new BatchOptions { Chunk = 30 });
        Assert.Equal(Enumerable.Range(0, 30).Select(n => 400_000 + n), results.Select(result => result.Length));
    }

    [Fact]
    public async Task A_result_of_seven_megabytes_arrives_and_one_of_nine_is_a_failure()
    {
        Assert.Equal(7 * 1024 * 1024, (await _pool.CallAsync(new Large(7 * 1024 * 1024))).Length);
        Assert.Equal("bad-result", (await Assert.ThrowsAsync<JobFailedException>(() => _pool.CallAsync(new Large(9 * 1024 * 1024)))).RemoteType);
    }

    [Fact]
    public async Task An_item_larger_than_a_message_is_refused_with_its_place_before_it_is_sent()
    {
        var error = await Assert.ThrowsAsync<Bus.MessageTooLargeException>(() => _pool.MapAsync([new Context("small"), new Context(new string('x', 9 * 1024 * 1024))]));
        Assert.Contains("item 1 has 9.0 MiB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_item_of_seven_megabytes_is_sent()
    {
        var note = new string('x', 7 * 1024 * 1024);
        Assert.Equal(note.Length, (await _pool.CallAsync(new Context(note))).Note.Length);
    }

    [Fact]
    public async Task A_callers_token_ends_the_map_and_the_pool_goes_on()
    {
        using var gate = new Gate();
        using var stop = new CancellationTokenSource();
        var mapping = _pool.MapAsync([new Gated(gate.Folder, 1)], cancellationToken: stop.Token);
        await gate.WaitForStartsAsync(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mapping);
        Assert.Equal("1/2", await _pool.CallAsync(new Pair(1, 2)));
        gate.Open();
    }

    [Fact]
    public async Task A_kind_that_cannot_be_one_is_refused()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(async () =>
        {
            await foreach (var _ in _pool.RunAsync("No Good", AsyncEnumerable.Empty<ReadOnlyMemory<byte>>()))
            {
            }
        });
        Assert.Contains(KindName.Rule, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_calls_at_once_get_each_their_own_result()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => _pool.CallAsync(new Pair(n, n + 1))));
        Assert.Equal(Enumerable.Range(0, 200).Select(n => $"{n}/{n + 1}"), results);
    }

    [Fact]
    public async Task The_fleet_tells_who_it_is_and_what_it_serves()
    {
        var fleet = await _pool.Fleet.AskAsync();
        var ours = fleet.Processes.Where(process => shared.Consumers.ChildIds.Contains(process.Identity.ProcessId)).ToList();
        Assert.Equal(3, ours.Count);
        var kind = Assert.Single(ours[0].Served, kind => kind.Kind == Pair.Kind);
        Assert.Equal((2, $"{Pair.Kind}(left: integer, right: integer)"), (kind.Concurrency, kind.Signature));
        var schema = JsonDocument.Parse(kind.ArgsSchema.Utf8).RootElement;
        Assert.Equal(["left", "right"], schema.GetProperty("properties").EnumerateObject().Select(property => property.Name));
    }

    private static IEnumerable<Pair> Breaking()
    {
        yield return new Pair(1, 2);
        throw new InvalidDataException("the source broke");
    }
}
