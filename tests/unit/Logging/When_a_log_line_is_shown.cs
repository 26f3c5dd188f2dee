using Broker.Producer.Cli.Output;

namespace Broker.Tests.Unit.Logging;

public sealed class When_a_log_line_is_shown
{
    private static readonly Dictionary<string, object?> InAJob = new() { ["labels.job_id"] = "abc", ["labels.kind"] = "double", ["labels.attempt"] = "1", ["labels.batch_id"] = "hidden" };

    private readonly PlainLogLine _plain = new(colour: false, new FixedClock(LogLines.Noon.AddHours(1)));

    [Fact]
    public void A_log_line_shows_time_process_and_job() =>
        Assert.Equal("14:00:00.250 INF machine/4711 job=abc kind=double done in 12 ms", _plain.Write(LogLines.Parse(LogLines.Write(TimeSpan.FromMilliseconds(250), 4711, message: "done in 12 ms", more: InAJob))));

    [Fact]
    public void A_log_line_of_another_day_has_its_date() =>
        Assert.StartsWith("2026-02-28 14:00:00.000 INF", _plain.Write(LogLines.Parse(LogLines.Write(TimeSpan.FromDays(-1)))), StringComparison.Ordinal);

    [Fact]
    public void An_attempt_after_the_first_is_shown() => Assert.Contains(" attempt=2 ", Show("x", new(InAJob) { ["labels.attempt"] = "2" }), StringComparison.Ordinal);

    [Fact]
    public void Messages_are_aligned()
    {
        var wide = _plain.Write(LogLines.Parse(LogLines.Write(default, 123456)));
        var narrow = _plain.Write(LogLines.Parse(LogLines.Write(default, 1)));
        Assert.Equal(wide.IndexOf("hello", StringComparison.Ordinal), narrow.IndexOf("hello", StringComparison.Ordinal));
    }

    [Fact]
    public void An_error_is_appended_unless_the_message_contains_it()
    {
        Assert.EndsWith(" it broke: the cause", Show("it broke", new() { ["error.message"] = "the cause" }), StringComparison.Ordinal);
        Assert.EndsWith(" it broke: the cause", Show("it broke: the cause", new() { ["error.message"] = "the cause" }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("two\nlines\r\n", "two\\nlines\\r\\n")]
    [InlineData("a\tb", "a b")]
    [InlineData("\e[2J\a", "\\u001b[2J\\u0007")]
    [InlineData("\u009b31m", "\\u009b31m")]
    [InlineData("a\u2028b\u202ec\u2066d", "a\\u2028b\\u202ec\\u2066d")]
    [InlineData("gr\u00fcn \U0001f642", "gr\u00fcn \U0001f642")]
    public void Control_characters_are_escaped(string message, string shown)
    {
        Assert.EndsWith($" {shown}", Show(message), StringComparison.Ordinal);
        Assert.EndsWith($"hello: {shown}", Show("hello", new() { ["error.message"] = message }), StringComparison.Ordinal);
        Assert.Contains($"kind={shown}", Show("hello", new() { ["labels.kind"] = message }), StringComparison.Ordinal);
        Assert.Contains($"{shown}/1", Show("hello", new() { ["host.hostname"] = message }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trace", "DBG")]
    [InlineData("debug", "DBG")]
    [InlineData("info", "INF")]
    [InlineData("warning", "WRN")]
    [InlineData("error", "ERR")]
    [InlineData("fatal", "ERR")]
    [InlineData("loud", "???")]
    public void A_level_is_shown_as_three_letters(string level, string letters) => Assert.Contains($" {letters} machine", Show("x", new() { ["log.level"] = level }), StringComparison.Ordinal);

    [Fact]
    public void A_line_without_most_fields_is_shown() =>
        Assert.Equal("14:00:00.000 ??? ?/?", _plain.Write(LogLines.Parse("""{"@timestamp":"2026-03-01T12:00:00Z"}""")));

    [Fact]
    public void Colours_are_used_only_on_request()
    {
        Assert.DoesNotContain('\e', Show("x", InAJob));
        Assert.Contains("\e[32mINF\e[0m", new PlainLogLine(colour: true, TimeProvider.System).Write(LogLines.Parse(InAJob)), StringComparison.Ordinal);
    }

    private string Show(string message, Dictionary<string, object?>? more = null) => _plain.Write(LogLines.Parse(LogLines.Write(default, message: message, more: more)));
}
