using System.Runtime.CompilerServices;
using System.Text;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Pool;

namespace Broker.Tests.Unit.Pool;

public sealed class When_a_batch_is_collected
{
    private static readonly ProcessIdentity Worker = new("host", 1, "worker");

    private readonly Guid _id = Guid.CreateVersion7();
    private readonly List<BatchRecord> _stored = [];
    private readonly List<BatchRecord> _later = [];
    private readonly List<BatchStart> _starts = [];
    private int _missed;
    private long _furthest;

    [Fact]
    public async Task Outcomes_come_once_and_in_order()
    {
        Begin();
        Outcomes(3, "[13,14]");
        Outcomes(0, "[10]");
        Outcomes(1, "[11,12]");
        Outcomes(1, "[11,12]");
        End(5);
        Assert.Equal(["10", "11", "12", "13", "14"], await CollectAsync(new CollectOptions { Wait = false }));
        Assert.Equal(["13", "14", "10", "11", "12"], await CollectAsync(new CollectOptions { Ordered = false }));
        Assert.Equal(["13", "14"], await CollectAsync(new CollectOptions { From = 3 }));
    }

    [Fact]
    public async Task Without_waiting_it_ends_before_the_first_that_is_missing()
    {
        Begin();
        Outcomes(0, "[10,11]");
        Outcomes(3, "[13]");
        End(5);
        var collection = Collection(new CollectOptions { Wait = false });
        Assert.Equal(["10", "11"], await TextsAsync(collection));
        Assert.Equal((5L, 3L, 2L), (collection.Items, collection.Known, collection.Next));
        Assert.Equal(["10", "11", "13"], await CollectAsync(new CollectOptions { Wait = false, Ordered = false }));
    }

    [Fact]
    public async Task Waiting_it_goes_on_until_all_are_there()
    {
        Begin();
        Outcomes(1, "[11]");
        _later.Add(Completed(0, "[10]"));
        _later.Add(new BatchRecord(90, null, Announced(3)));
        _later.Add(Completed(2, "[12]"));
        Assert.Equal(["10", "11", "12"], await CollectAsync(new CollectOptions()));
    }

    [Fact]
    public async Task An_item_that_was_redriven_has_its_last_outcome()
    {
        Begin();
        Outcomes(0, "[10,null,null,null]", Failure(1, "first"), Failure(2, "first"), Failure(3, "only"));
        Outcomes(1, "[11]");
        Outcomes(2, "[null]", Failure(0, "second"));
        End(4);
        Assert.Equal(["10", "11", "x: second", "x: only"], await CollectAsync(new CollectOptions()));
        Assert.Equal(["10", "x: only", "11", "x: second"], await CollectAsync(new CollectOptions { Ordered = false, Wait = false }));
    }

    [Fact]
    public async Task What_cannot_be_is_dropped()
    {
        Begin();
        Outcomes(0, "[10]");
        _stored.Add(new BatchRecord(50, Completed(1, "[1]").Completed! with { Count = 7 }, null));
        End(2);
        Outcomes(5, "[15]");
        Outcomes(1, "[11]");
        Assert.Equal(["10", "11"], await CollectAsync(new CollectOptions()));
    }

    [Fact]
    public async Task Where_all_succeeded_nothing_behind_the_last_is_read()
    {
        Begin();
        Outcomes(0, "[10,11]");
        End(2);
        _stored.Add(new BatchRecord(99, Completed(0, "[1]").Completed! with { BatchId = Guid.Empty }, null));
        await CollectAsync(new CollectOptions());
        Assert.Equal((2, 2L), (_starts.Count, _furthest));
    }

    [Theory]
    [InlineData(0, true, 2)]
    [InlineData(1, true, 3)]
    [InlineData(2, false, 2)]
    public async Task Only_a_batch_that_began_before_its_time_is_looked_for_again(int missed, bool fails, int readings)
    {
        // The clock of its maker is ahead of the broker's: reading by the clock misses the first records.
        _missed = missed;
        Begin();
        End(2);
        Outcomes(0, "[10]");
        Outcomes(1, fails ? "[null]" : "[11]", fails ? [Failure(0, "no")] : []);
        if (!fails)
            End(2);
        Assert.Equal(["10", fails ? "x: no" : "11"], await CollectAsync(new CollectOptions()));
        Assert.Equal(readings, _starts.Count);
        Assert.Equal(BatchStart.ByClock, _starts[0]);
    }

    [Fact]
    public async Task A_batch_of_nothing_is_empty_and_one_that_is_unknown_an_error()
    {
        await Assert.ThrowsAsync<BatchUnknownException>(() => CollectAsync(new CollectOptions()));
        Begin();
        End(0);
        Assert.Empty(await CollectAsync(new CollectOptions()));
    }

    [Fact]
    public async Task A_deadline_ends_the_wait()
    {
        Begin();
        Outcomes(0, "[10]");
        var error = await Assert.ThrowsAsync<TimeoutException>(() => CollectAsync(new CollectOptions { Deadline = TimeSpan.FromMilliseconds(50) }));
        Assert.Contains("with 1 items answered", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(0, 5_000_000)]
    public void Options_out_of_range_are_refused(long from, double seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CollectOptions { From = from, Deadline = TimeSpan.FromSeconds(seconds) }.Validated());

    private static ItemFailure Failure(int offset, string message) => new(offset, "x", message, null, Retryable: false);

    private void Begin() => _stored.Add(new BatchRecord(_stored.Count, null, Announced(null)));

    private void End(long items) => _stored.Add(new BatchRecord(_stored.Count, null, Announced(items)));

    private void Outcomes(long first, string values, params ItemFailure[] failures) => _stored.Add(Completed(first, values, failures));

    private BatchDetached Announced(long? items) => new() { BatchId = _id, Kind = "echo", Items = items, SubmittedAt = DateTimeOffset.UnixEpoch, SubmittedBy = Worker };

    private BatchRecord Completed(long first, string values, params ItemFailure[] failures) => new(
        _stored.Count,
        new JobCompleted
        {
            JobId = Guid.CreateVersion7(),
            Kind = "echo",
            BatchId = _id,
            Indices = ItemIndices.From(first),
            Count = values.Count(character => character == ',') + 1,
            Values = new RawJson(Encoding.UTF8.GetBytes(values)),
            Failures = failures.Length == 0 ? null : failures,
            Worker = Worker,
            StartedAt = DateTimeOffset.UnixEpoch,
            FinishedAt = DateTimeOffset.UnixEpoch,
        },
        null);

    private Task<List<string>> CollectAsync(CollectOptions options) => TextsAsync(Collection(options));

    private static async Task<List<string>> TextsAsync(Collection collection) =>
        await collection.ReadAsync(TestContext.Current.CancellationToken).Select(outcome => outcome.ToString()).ToListAsync();

    private Collection Collection(CollectOptions options) => new(_ => Task.FromResult<ReadBatch>(ReadAsync), new OpenCalls(), _id, options.Validated(), CancellationToken.None);

    private async IAsyncEnumerable<BatchRecord> ReadAsync(BatchStart from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _starts.Add(from);
        foreach (var record in _stored.Where(record => record.Offset >= (from.Offset ?? (from == BatchStart.ByClock ? _missed : 0))))
        {
            _furthest = Math.Max(_furthest, record.Offset);
            yield return record;
        }

        yield return new BatchRecord(100, null, null);
        foreach (var record in _later)
            yield return record;
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
