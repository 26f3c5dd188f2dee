using Broker.Consumer.Supervision;
using Broker.Logging;
using Broker.Logging.Screen;

namespace Broker.Tests.Unit.Supervision;

public sealed class When_a_child_reports_to_its_supervisor
{
    private static readonly DateTimeOffset Moment = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)).AddTicks(1234567);

    [Theory]
    [InlineData("12:00:00.123 INF pid=1 done\n")]
    [InlineData("two\nlines\r\nand a\rthird\n")]
    [InlineData("\u001e{\"ready\":true}\n")]
    [InlineData("\u0000\u0001\u001b[32mgreen\u001b[0m \u007f\u0085\u2028 \"quoted\" <ü🙂>\n")]
    [InlineData("")]
    public void A_text_record_is_one_line_and_round_trips(string text)
    {
        var written = ChildRecord.Of(new ConsoleLine(Moment, text)).Write();
        var lines = LinesOf(written);
        Assert.True(ChildRecord.TryRead(Assert.Single(lines), out var record, out var foreign));
        Assert.Equal((text, Moment, null, ""), (record.Text, record.Time, record.Ready, foreign));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_readiness_record_round_trips(bool ready)
    {
        Assert.True(ChildRecord.TryRead(Assert.Single(LinesOf(new ChildRecord { Ready = ready }.Write())), out var record, out _));
        Assert.Equal((ready, null), (record.Ready, record.Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ready")]
    [InlineData("{\"ready\":true}")]
    [InlineData("\u001e")]
    [InlineData("\u001enull")]
    [InlineData("\u001e{\"ready\":")]
    [InlineData("\u001e{\"ready\":\"perhaps\"}")]
    [InlineData("\u001e[1,2]")]
    public void A_line_without_a_record_is_foreign_output(string line)
    {
        Assert.False(ChildRecord.TryRead(line, out _, out var foreign));
        Assert.Equal(line, foreign);
    }

    [Fact]
    public void A_record_after_an_unfinished_foreign_line_is_found()
    {
        Assert.True(ChildRecord.TryRead("no end" + LinesOf(new ChildRecord { Ready = true }.Write())[0], out var record, out var foreign));
        Assert.Equal((true, "no end"), (record.Ready, foreign));
    }

    private static List<string> LinesOf(string written)
    {
        var reader = new StringReader(written);
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
            lines.Add(line);
        return lines;
    }
}
