using System.Text;
using Broker.Contracts.Messages;
using Broker.Pool;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Pool;

/// <summary>The batch's messages are answered by the test.</summary>
public sealed class When_a_batch_is_steered : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopSending = new();
    private readonly CancellationTokenSource _stopWaiting = new();
    private readonly SemaphoreSlim _sending = new(0);
    private readonly List<RunJob> _sent = [];
    private readonly List<(long Index, string Item)> _completed = [];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Items_that_are_skipped_keep_their_indices_and_have_no_outcome(bool ordered)
    {
        var batch = NewBatch(chunk: 3, skips: index => index is 0 or 2 or 3 or 9);
        var reading = ReadAsync(batch, items: 10, ordered);
        var jobs = await SentAsync(2);
        Assert.Equal(["1,1,4", "6"], jobs.Select(job => job.Indices.ToString()));
        Assert.Equal(["[1,4,5]", "[6,7,8]"], jobs.Select(job => Encoding.UTF8.GetString(job.Items.Utf8.Span)));
        batch.Accept(Outcomes.Run(6, 3));
        batch.Accept(Outcomes.Of(5, 4));
        batch.Accept(Outcomes.Of(1));
        long[] all = ordered ? [1, 4, 5, 6, 7, 8] : [6, 7, 8, 5, 4, 1];
        Assert.Equal(all, await reading.WaitAsync(Limit));
        Assert.Equal(6, batch.Arrived);
    }

    [Fact]
    public async Task A_message_has_a_bounded_number_of_gaps()
    {
        var batch = NewBatch(chunk: 1000, skips: index => index % 2 == 0);
        var reading = ReadAsync(batch, items: 1000, ordered: true);
        foreach (var job in await SentAsync(2))
            batch.Accept(Outcomes.Of([.. job.Indices.Runs(256).Select(run => run.First)]));
        Assert.Equal(Enumerable.Range(0, 500).Select(number => (2L * number) + 1), await reading.WaitAsync(Limit));
    }

    [Fact]
    public async Task A_batch_whose_items_are_all_skipped_ends()
    {
        var batch = NewBatch(chunk: 3, skips: _ => true);
        Assert.Empty(await ReadAsync(batch, items: 1000, ordered: true).WaitAsync(Limit));
    }

    [Fact]
    public async Task Outcomes_are_told_as_they_come_with_their_items_while_their_turn_has_not_come()
    {
        var batch = NewBatch(chunk: 2, skips: index => index == 1);
        var reading = ReadAsync(batch, items: 5, ordered: true);
        await SentAsync(2);
        batch.Accept(Outcomes.Of(2, 4));
        batch.Accept(Outcomes.Of(3));
        batch.Accept(Outcomes.Of(0));
        Assert.Equal([0, 2, 3, 4], await reading.WaitAsync(Limit));
        Assert.Equal([(2, "2"), (4, "4"), (3, "3"), (0, "0")], _completed);
    }

    [Fact]
    public async Task When_sending_stops_what_was_sent_is_waited_for()
    {
        var batch = NewBatch(chunk: 1, inFlight: 2);
        var reading = ReadAsync(batch, items: 100, ordered: true);
        await SentAsync(2);
        await _stopSending.CancelAsync();
        batch.Accept(Outcomes.Of(1));
        Assert.False(reading.IsCompleted);
        batch.Accept(Outcomes.Of(0));
        Assert.Equal([0, 1], await reading.WaitAsync(Limit));
        Assert.Equal((2, false), (batch.Options.Steering!.Sent, batch.Options.Steering.AllRead));
    }

    [Fact]
    public async Task When_waiting_stops_the_outcomes_that_are_there_are_given_in_order()
    {
        var batch = NewBatch(chunk: 1);
        var reading = ReadAsync(batch, items: 6, ordered: true);
        await SentAsync(6);
        batch.Accept(Outcomes.Of(5));
        batch.Accept(Outcomes.Of(0));
        batch.Accept(Outcomes.Of(3));
        await _stopWaiting.CancelAsync();
        Assert.Equal([0, 3, 5], await reading.WaitAsync(Limit));
        Assert.True(batch.Leave());
    }

    public void Dispose()
    {
        _stopSending.Dispose();
        _stopWaiting.Dispose();
        _sending.Dispose();
    }

    private Batch NewBatch(int chunk, Func<long, bool>? skips = null, int inFlight = 100) => new(
        new BatchOptions
        {
            Chunk = chunk,
            InFlight = inFlight,
            Steering = new BatchSteering
            {
                Skips = skips is null ? null : (index, item) => skips(index) && Encoding.UTF8.GetString(item.Span) == $"{index}",
                Completed = outcomes => _completed.AddRange(outcomes.Select(outcome => (outcome.Index, Encoding.UTF8.GetString(outcome.Item.Span)))),
                KeepsItems = true,
                StopSending = _stopSending.Token,
                StopWaiting = _stopWaiting.Token,
            },
        },
        NullLogger.Instance);

    private Task<List<long>> ReadAsync(Batch batch, int items, bool ordered) => Task.Run(async () =>
    {
        var template = SomeJob.Of("kind") with { BatchId = batch.Id, ReplyTo = "me" };
        var reader = new AsyncItems<int>(Enumerable.Range(0, items).ToAsyncEnumerable(), item => Encoding.UTF8.GetBytes($"{item}"), () => "kind");
        var read = new List<long>();
        await foreach (var outcomes in batch.RunAsync(template, reader, firstIsRead: false, ordered, SendAsync, () => "me", TestContext.Current.CancellationToken))
            read.AddRange(outcomes.Select(Outcomes.Index));
        return read;
    });

    private Task SendAsync(RunJob job, byte[] body, CancellationToken cancellationToken)
    {
        lock (_sent)
            _sent.Add(job);
        _sending.Release();
        return Task.CompletedTask;
    }

    private async Task<IReadOnlyList<RunJob>> SentAsync(int jobs)
    {
        for (var job = 0; job < jobs; job++)
            Assert.True(await _sending.WaitAsync(Limit));
        lock (_sent)
            return [.. _sent];
    }
}
