using Broker.Contracts.Messages;
using Broker.Pool;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Pool;

public sealed class When_outcomes_arrive
{
    private readonly BatchResults _results = new(NullLogger.Instance);

    [Fact]
    public void A_whole_answer_is_let_through_once_and_as_it_is()
    {
        var message = Outcomes.Run(10, 3);
        Assert.Equal(message.Values.Utf8, Assert.Single(_results.Accept(message)).Values);
        Assert.Empty(_results.Accept(message));
        Assert.Empty(Accept(Outcomes.Of(11)));
        Assert.Equal(3, _results.Answered);
    }

    [Fact]
    public void Of_an_answer_that_overlaps_earlier_ones_only_what_is_new_is_let_through()
    {
        Accept(Outcomes.Run(2, 2));
        Accept(Outcomes.Of(6));
        Assert.Equal([0, 1, 4, 5, 7], Accept(Outcomes.Run(0, 8)));
    }

    [Fact]
    public void An_answer_of_several_runs_gives_each_index_its_own_value() =>
        Assert.Equal([7, 8, 2, 20], Accept(Outcomes.Of(7, 8, 2, 20, 8)));

    [Fact]
    public void The_ids_of_the_jobs_do_not_matter()
    {
        Accept(Outcomes.Run(0, 4) with { JobId = Guid.NewGuid() });
        Assert.Equal([4], Accept(Outcomes.Of(3, 4) with { JobId = Guid.NewGuid() }));
    }

    [Fact]
    public void A_failure_stays_with_its_item_when_its_message_is_cut()
    {
        Accept(Outcomes.Of(0));
        var fresh = _results.Accept(Outcomes.Of(ItemIndices.From(0), 3, "[0,1,null]", new ItemFailure(2, "type", "2", null, Retryable: false)));
        var outcomes = fresh.SelectMany(chunk => chunk.Split()).ToList();
        Assert.Equal([(1, null), (2, "2")], outcomes.Select(outcome => (outcome.Index, outcome.Failure?.Message)));
    }

    public static TheoryData<string> Malformed => ["[1,2]", "[1,2,3,4]", "[]", "7", "{\"a\":1}", "[ ]", "[[1,2],\"a,b\"]", "[1,\"2,3\"]"];

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_message_with_other_than_its_number_of_values_is_dropped(string values)
    {
        Assert.Empty(_results.Accept(Outcomes.Of(ItemIndices.From(0), 3, values)));
        Assert.Equal([0, 1, 2], Accept(Outcomes.Run(0, 3)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, -1)]
    [InlineData(8, 3)]
    [InlineData(10, 1)]
    [InlineData(-1, 1)]
    [InlineData(long.MaxValue, 2)]
    public void A_message_about_items_that_do_not_exist_is_dropped(long first, int count)
    {
        _results.LimitTo(10);
        Assert.Empty(_results.Accept(Outcomes.Of(ItemIndices.From(first), count, $"[{string.Join(',', Enumerable.Repeat(1, Math.Max(count, 0)))}]")));
        Assert.Equal(0, _results.Answered);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void A_message_with_a_failure_of_no_item_is_dropped(int offset) =>
        Assert.Empty(_results.Accept(Outcomes.Of(ItemIndices.From(0), 2, "[0,1]", new ItemFailure(offset, "type", "message", null, Retryable: false))));

    [Fact]
    public void Ten_million_answered_items_are_kept_as_their_gaps()
    {
        for (long first = 0; first < 10_000_000; first += 20_000)
        {
            Assert.Single(_results.Accept(Outcomes.Run(first + 10_000, 10_000)));
            Assert.InRange(_results.Runs, 1, 2);
            Assert.Single(_results.Accept(Outcomes.Run(first, 10_000)));
            Assert.Equal(1, _results.Runs);
        }

        Assert.Equal(10_000_000, _results.Answered);
    }

    [Fact]
    public void Items_that_are_skipped_are_kept_as_no_gaps()
    {
        // Every second item of a million is skipped; a thousand are in flight.
        for (long index = 0; index < 1_000_000; index += 2)
        {
            _results.Skip(index + 1);
            if (index >= 1000)
                Assert.Single(_results.Accept(Outcomes.Of(index - 1000)));
            Assert.InRange(_results.Runs, 0, 1);
        }

        Assert.Equal(499_500, _results.Answered);
    }

    [Fact]
    public async Task An_error_ends_the_reading_behind_what_has_arrived()
    {
        Accept(Outcomes.Run(0, 2));
        _results.Fail(new InvalidDataException("broken"));
        await using var reading = _results.ReadAsync(ordered: true, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await reading.MoveNextAsync());
        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidDataException>(async () => await reading.MoveNextAsync())).Message);
    }

    [Fact]
    public async Task A_batch_of_no_items_is_read_to_its_end_at_once()
    {
        _results.Expect(0);
        Assert.Empty(await ReadAsync(ordered: true));
    }

    /// <summary>Whatever messages come, split, repeated and in any order: every index once, and in order where that is asked for.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Any_messages_in_any_order_give_each_index_once(bool ordered)
    {
        var samples =
            from total in Gen.Choose(1, 60)
            from several in Gen.ListOf(from indices in Gen.NonEmptyListOf(Gen.Choose(0, total + 1)) select indices.Select(index => (long)index).ToArray())
            from cuts in Gen.Shuffle(Enumerable.Range(0, total).ToArray())
            select (total, messages: several.Concat(cuts.Chunk(7).Select(cut => cut.Select(index => (long)index).ToArray())).ToArray());
        Prop.ForAll(samples.SelectMany(sample => Gen.Shuffle(sample.messages).Select(messages => (sample.total, messages))).ToArbitrary(), async sample =>
        {
            var results = new BatchResults(NullLogger.Instance);
            results.Expect(sample.total);
            var accepted = sample.messages.SelectMany(indices => Outcomes.Indices(results.Accept(Outcomes.Of(indices)))).ToList();
            var read = await ReadAsync(results, ordered);
            var all = Enumerable.Range(0, sample.total).Select(index => (long)index).ToList();
            return accepted.Order().SequenceEqual(all) && read.Order().SequenceEqual(all) && (!ordered || read.SequenceEqual(all));
        }).QuickCheckThrowOnFailure();
    }

    private long[] Accept(JobCompleted message) => Outcomes.Indices(_results.Accept(message));

    private Task<List<long>> ReadAsync(bool ordered) => ReadAsync(_results, ordered);

    private static async Task<List<long>> ReadAsync(BatchResults results, bool ordered)
    {
        var read = new List<long>();
        await foreach (var chunk in results.ReadAsync(ordered, TestContext.Current.CancellationToken))
            read.AddRange(Outcomes.Indices([chunk]));
        return read;
    }
}
