using System.Text;
using Broker.Producer.Cli.JobLogs;

namespace Broker.Tests.Unit.JobLogs;

public sealed class When_items_are_chosen_by_a_joblog
{
    private static readonly ItemHash Hash = new("double");

    /// <summary>Item 0 succeeded, 1 failed, 2 succeeded as another item, 3 failed as another item, 4 is not in the joblog.</summary>
    private static FinishedItems Finished()
    {
        var finished = new FinishedItems();
        finished.Add(new JobLogLine(1, Failed: false, Of(0)));
        finished.Add(new JobLogLine(2, Failed: true, Of(1)));
        finished.Add(new JobLogLine(3, Failed: false, Of(20)));
        finished.Add(new JobLogLine(4, Failed: true, Of(30)));
        return finished;
    }

    [Theory]
    [InlineData(Resumption.Rest, new[] { 2, 3, 4 })]
    [InlineData(Resumption.RestAndFailed, new[] { 1, 2, 3, 4 })]
    [InlineData(Resumption.Failed, new[] { 1, 3 })]
    internal void Each_way_to_resume_has_its_items(Resumption resumption, int[] run)
    {
        var selection = new Selection(resumption, "double", Finished());
        Assert.Equal(run, Enumerable.Range(0, 5).Where(index => !selection.Skips(index, Item(index))));
        Assert.Equal(5 - run.Length, selection.Skipped);
    }

    [Theory]
    [InlineData(Resumption.Rest, long.MaxValue)]
    [InlineData(Resumption.Failed, 4)]
    internal void No_more_items_are_read_than_can_be_chosen(Resumption resumption, long limit) => Assert.Equal(limit, new Selection(resumption, "double", Finished()).Limit);

    private static ulong Of(int number) => Hash.Of(Item(number).Span);

    private static ReadOnlyMemory<byte> Item(int number) => Encoding.UTF8.GetBytes($"{number}");
}
