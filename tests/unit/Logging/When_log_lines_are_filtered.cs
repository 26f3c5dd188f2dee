using System.Text;
using Broker.Contracts;
using Broker.Logging.Query;

namespace Broker.Tests.Unit.Logging;

public sealed class When_log_lines_are_filtered
{
    private const string Dotted = """
        {"@timestamp":"2026-03-01T12:00:00.1234567Z","log.level":"warning","message":"it broke","process.pid":4711,"process.entity_id":"m-4711-1","process.thread.id":9,
         "host.hostname":"m","event.sequence":12,"error.message":"the cause","labels.job_id":"j","labels.batch_id":"b","labels.kind":"double","labels.attempt":"2","labels.more":["x"]}
        """;

    private const string Nested = """
        {"@timestamp":"2026-03-01T12:00:00.1234567Z","log":{"level":"warning"},"message":"it broke","process":{"pid":4711,"entity_id":"m-4711-1","thread":{"id":9}},
         "host":{"hostname":"m"},"event":{"sequence":12},"error":{"message":"the cause"},"labels":{"job_id":"j","batch_id":"b","kind":"double","attempt":"2","more":["x"]}}
        """;

    [Theory]
    [InlineData(Dotted)]
    [InlineData(Nested)]
    public void Field_names_may_be_dotted_or_nested(string json)
    {
        var line = LogLines.Parse(json);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(1234567), line.Time);
        Assert.Equal((4711L, 12L, "m-4711-1", "m"), (line.ProcessId, line.Sequence, line.ProcessEntity, line.Host));
        Assert.Equal(("warning", "it broke", "the cause"), (line.Level, line.Message, line.ErrorMessage));
        Assert.Equal(("j", "b", "double", "2"), (line.JobId, line.BatchId, line.Kind, line.Attempt));
        Assert.Equal(json, line.Text());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("text")]
    [InlineData("""{"message":"no time"}""")]
    [InlineData("""{"@timestamp":"yesterday"}""")]
    [InlineData("""{"@timestamp":"2026-03-01T12:00:00Z"} {}""")]
    [InlineData("""{"@timestamp":"2026-03-01T12:00:00Z","message":"cut o""")]
    public void A_document_without_a_time_is_not_a_log_line(string json) => Assert.Null(LogDocument.TryParse(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("2026-03-01T12:00:00Z")]
    [InlineData("2026-03-01T12:00:00.000Z")]
    [InlineData("2026-03-01T12:00:00.0000000Z")]
    [InlineData("2026-03-01T12:00:00")]
    [InlineData("2026-03-01T14:00:00+02:00")]
    [InlineData("2026-03-01T14:00:00.0000000+02:00")]
    public void Times_with_any_offset_are_parsed(string time) => Assert.Equal(LogLines.Noon, LogLines.Parse($$"""{"@timestamp":"{{time}}"}""").Time);

    [Fact]
    public void A_lone_surrogate_is_shown_escaped() => Assert.Contains("ud83d", LogLines.Parse("""{"@timestamp":"2026-03-01T12:00:00Z","message":"\ud83d"}""").Message, StringComparison.Ordinal);

    [Fact]
    public void All_conditions_must_match()
    {
        var line = LogLines.Parse(Dotted);
        var all = new LogQuery
        {
            ProcessId = 4711, Host = "m", JobId = "j", BatchId = "b", Kind = "double", Level = "warning",
            Since = line.Time, Until = line.Time.AddTicks(1), Pattern = LogQuery.ParsePattern("BROKE$"),
        };
        Assert.True(new LogQuery().Matches(line));
        Assert.True(all.Matches(line));
        foreach (var wrong in new[]
        {
            all with { ProcessId = 471 }, all with { Host = "M" }, all with { JobId = "J" }, all with { BatchId = "" }, all with { Kind = "doubles" }, all with { Level = "error" },
            all with { Since = line.Time.AddTicks(1) }, all with { Until = line.Time }, all with { Pattern = LogQuery.ParsePattern("^broke") },
        })
            Assert.False(wrong.Matches(line), wrong.ToString());
    }

    [Theory]
    [InlineData("trace", "trace debug info warning error fatal")]
    [InlineData("warning", "warning error fatal")]
    [InlineData("fatal", "fatal")]
    public void A_level_includes_higher_levels(string level, string matching)
    {
        var query = new LogQuery { Level = level };
        foreach (var each in new[] { "trace", "debug", "info", "warning", "error", "fatal" })
            Assert.Equal(matching.Split(' ').Contains(each), query.Matches(LogLines.Parse(new Dictionary<string, object?> { ["log.level"] = each })));
        Assert.False(query.Matches(LogLines.Parse(new Dictionary<string, object?> { ["log.level"] = "loud" })));
    }

    [Fact]
    public void A_pattern_is_searched_in_the_error_message_too_and_may_use_lookarounds()
    {
        var line = LogLines.Parse(Dotted);
        Assert.True(new LogQuery { Pattern = LogQuery.ParsePattern("CAUSE") }.Matches(line));
        Assert.True(new LogQuery { Pattern = LogQuery.ParsePattern("(?<=the )cause") }.Matches(line));
        Assert.False(new LogQuery { Pattern = LogQuery.ParsePattern("4711") }.Matches(line));
    }

    [Fact]
    public void An_invalid_or_endless_pattern_is_named()
    {
        Assert.Contains("'('", Assert.Throws<InvalidConfigurationException>(() => LogQuery.ParsePattern("(")).Message, StringComparison.Ordinal);
        var endless = new LogQuery { Pattern = LogQuery.ParsePattern(@"^(a+)+\1$") };
        var line = LogLines.Parse(new Dictionary<string, object?> { ["message"] = new string('a', 60) + "!" });
        Assert.Contains("takes more than", Assert.Throws<InvalidConfigurationException>(() => endless.Matches(line)).Message, StringComparison.Ordinal);
    }
}
