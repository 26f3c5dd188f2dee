using Broker.Contracts;
using Broker.Pool;
using Broker.Producer.Cli.Output;

namespace Broker.Tests.Unit.Output;

public sealed class When_a_bar_shows_items_that_run
{
    private readonly ProgressBar _bar = new("resize", () => 4, exact: true, colour: false);

    [Fact]
    public void The_time_left_is_by_what_is_done_of_them()
    {
        Assert.Equal("0 of 4, 0/s", _bar.Numbers(TimeSpan.FromSeconds(10)));
        Tell(0, 0.5);
        Tell(1, 0.25);
        Tell(1, 0.5);
        Assert.Equal("0 of 4, 0/s, 00:00:30 left", _bar.Numbers(TimeSpan.FromSeconds(10)));
        _bar.Advance(Outcome(0));
        Assert.Equal("1 of 4, 0/s, 00:00:16 left", _bar.Numbers(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void The_newest_text_stands_behind_where_there_is_room_until_its_item_has_ended()
    {
        const string Numbers = "0 of 4, 0/s";
        Assert.Equal("", _bar.TextBehind(Numbers, 200));
        Tell(0, 0.1, "page 1");
        Tell(1, 0.1, "page\n2 of a long book");
        Tell(2, 0.1);
        Assert.Equal("page\\n2 of a long book", _bar.TextBehind(Numbers, 200));
        Assert.Equal("page\\n2 of…", _bar.TextBehind(Numbers, 78));
        Assert.Equal("", _bar.TextBehind(Numbers, 75));
        _bar.Advance(Outcome(1));
        Assert.Equal("", _bar.TextBehind(Numbers, 200));
    }

    private static ItemOutcome Outcome(long index) => new(
        index, "1"u8.ToArray(), null, new JobRun(Guid.Empty, Guid.Empty, new ProcessIdentity("h", 1, "n"), 1, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 1));

    private void Tell(long index, double? fraction, string? text = null) => _bar.Report(new JobProgress(Guid.Empty, Guid.Empty, index, fraction, text));
}
