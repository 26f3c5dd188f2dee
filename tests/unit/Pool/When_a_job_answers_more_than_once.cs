using System.Text;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Pool;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.Tests.Unit.Pool;

public sealed class When_a_job_answers_more_than_once
{
    private static readonly JobRun Run = new(new ProcessIdentity("host", 1, "consumer"), 1, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 1);

    [Fact]
    public void The_whole_answer_is_let_through_once()
    {
        var job = new PendingJob(10, 3, 100);
        Gives(Accept(job, 10, 3), true, 10, 11, 12);
        Gives(Accept(job, 10, 3), false);
        Gives(Accept(job, 11, 1), false);
    }

    [Fact]
    public void Parts_are_let_through_as_they_come_and_the_last_completes_it()
    {
        var job = new PendingJob(0, 5, 100);
        Gives(Accept(job, 0, 2), false, 0, 1);
        Gives(Accept(job, 4, 1), false, 4);
        Gives(Accept(job, 2, 2), true, 2, 3);
    }

    [Fact]
    public void Of_a_part_that_overlaps_only_what_is_new_is_let_through()
    {
        var job = new PendingJob(0, 5, 100);
        Accept(job, 0, 3);
        Gives(Accept(job, 1, 4), true, 3, 4);
    }

    [Fact]
    public void A_whole_answer_after_a_part_gives_the_rest()
    {
        var job = new PendingJob(0, 4, 100);
        Accept(job, 1, 2);
        Gives(Accept(job, 0, 4), true, 0, 3);
    }

    [Theory]
    [InlineData(9, 1)]
    [InlineData(10, 4)]
    [InlineData(13, 1)]
    [InlineData(12, -1)]
    public void An_answer_to_other_items_than_were_asked_is_dropped(long first, int count) =>
        Gives(Accept(new PendingJob(10, 3, 100), first, count), false);

    [Fact]
    public void An_answer_without_items_completes_nothing() => Gives(Accept(new PendingJob(10, 3, 100), 10, 0), false);

    [Fact]
    public void A_failure_stays_with_its_item_when_its_part_is_taken_apart()
    {
        var job = new PendingJob(0, 3, 100);
        Accept(job, 0, 1);
        var failure = new ItemFailure(2, "type", "message", null, Retryable: false);
        var (fresh, _) = job.Accept(new CompletedChunk(0, 3, Encoding.UTF8.GetBytes("[0,1,null]"), [failure], Run));
        var outcomes = fresh.SelectMany(chunk => chunk.Split()).ToList();
        Assert.Equal([(1, null), (2, "message")], outcomes.Select(outcome => (outcome.Index, outcome.Failure?.Message)));
    }

    /// <summary>Whatever parts come, in whatever order, with whatever overlaps: no item twice, and complete exactly when none is missing.</summary>
    [Fact]
    public void Any_parts_in_any_order_give_each_item_once()
    {
        var parts =
            from count in Gen.Choose(1, 40)
            from several in Gen.ListOf(
                from first in Gen.Choose(-2, count + 1)
                from length in Gen.Choose(0, count + 2)
                select (first, length))
            select (count, several: several.ToList());
        Prop.ForAll(parts.ToArbitrary(), sample =>
        {
            var job = new PendingJob(100, sample.count, 1);
            var seen = new List<long>();
            var completions = 0;
            foreach (var (first, length) in sample.several)
            {
                var (indices, complete) = Accept(job, 100 + first, length);
                seen.AddRange(indices);
                completions += complete ? 1 : 0;
            }

            var asked = sample.several.Where(part => part.first >= 0 && part.first + part.length <= sample.count)
                .SelectMany(part => Enumerable.Range(part.first, part.length)).Distinct().Order().Select(n => 100L + n).ToList();
            return seen.Order().SequenceEqual(asked) && completions == (asked.Count == sample.count ? 1 : 0);
        }).QuickCheckThrowOnFailure();
    }

    private static void Gives((long[] Indices, bool Complete) answer, bool complete, params long[] indices)
    {
        Assert.Equal(indices, answer.Indices);
        Assert.Equal(complete, answer.Complete);
    }

    private static (long[] Indices, bool Complete) Accept(PendingJob job, long first, int count)
    {
        var values = $"[{string.Join(',', Enumerable.Range(0, Math.Max(count, 0)).Select(n => first + n))}]";
        var (fresh, complete) = job.Accept(new CompletedChunk(first, count, Encoding.UTF8.GetBytes(values), null, Run));
        var outcomes = fresh.SelectMany(chunk => chunk.Split()).ToList();
        Assert.All(outcomes, outcome => Assert.Equal($"{outcome.Index}", Encoding.UTF8.GetString(outcome.Value.Span)));
        return ([.. outcomes.Select(outcome => outcome.Index)], complete);
    }
}
