using Broker.CommandLine;

namespace Broker.Tests.Unit.CommandLine;

public sealed class When_a_time_is_parsed
{
    private static readonly FixedClock Clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("10m", "2026-03-01T11:50:00Z")]
    [InlineData("1.5h", "2026-03-01T10:30:00Z")]
    [InlineData("0s", "2026-03-01T12:00:00Z")]
    [InlineData("30", "2026-03-01T11:59:30Z")]
    [InlineData("2d", "2026-02-27T12:00:00Z")]
    public void A_duration_is_that_long_ago(string text, string moment) => Assert.Equal(DateTimeOffset.Parse(moment), Parse(text));

    [Theory]
    [InlineData("2026-02-28", "2026-02-28T00:00:00+02:00")]
    [InlineData("2026-02-28T23:30", "2026-02-28T23:30:00+02:00")]
    [InlineData("2026-02-28 23:30:15", "2026-02-28T23:30:15+02:00")]
    [InlineData("2026-02-28T23:30:15.1234567", "2026-02-28T23:30:15.1234567+02:00")]
    [InlineData("today", "2026-03-01T00:00:00+02:00")]
    [InlineData("yesterday", "2026-02-28T00:00:00+02:00")]
    [InlineData("09:05", "2026-03-01T09:05:00+02:00")]
    [InlineData("09:05:06.5", "2026-03-01T09:05:06.5+02:00")]
    public void Date_and_time_are_local(string text, string moment) => Assert.Equal(DateTimeOffset.Parse(moment), Parse(text));

    [Theory]
    [InlineData("2026-02-28T23:30Z", "2026-02-28T23:30:00Z")]
    [InlineData("2026-02-28T23:30:15.123+05:30", "2026-02-28T18:00:15.123Z")]
    [InlineData("2026-02-28 23:30:15-01:00", "2026-03-01T00:30:15Z")]
    public void A_time_with_an_offset_is_not_local(string text, string moment) => Assert.Equal(DateTimeOffset.Parse(moment), Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("-5m")]
    [InlineData("2026-02-30")]
    [InlineData("25:00")]
    [InlineData("28.02.2026")]
    [InlineData("02/03/2026")]
    public void Any_other_text_is_not_a_time(string text) => Assert.False(MomentText.TryParse(text, Clock, out _));

    private static DateTimeOffset Parse(string text)
    {
        Assert.True(MomentText.TryParse(text, Clock, out var moment), text);
        return moment;
    }
}
