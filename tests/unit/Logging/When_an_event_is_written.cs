using System.Text.Json;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Logging;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting;

namespace Broker.Tests.Unit.Logging;

public sealed class When_an_event_is_written
{
    private static readonly ProcessFields Process = new(new ProcessIdentity("machine", 4711, "consumer-1"), "broker-consumer");

    [Fact]
    public void As_ecs_it_says_who_wrote_it_and_the_pid_is_a_number()
    {
        var line = Ecs(log => log.LogInformation("hello {Name}", "you"));
        Assert.Equal((JsonValueKind.Number, 4711), (line.GetProperty("process.pid").ValueKind, line.GetProperty("process.pid").GetInt32()));
        foreach (var (field, value) in new[]
        {
            ("process.name", "consumer-1"), ("host.hostname", "machine"), ("service.name", "broker-consumer"), ("log.level", "info"),
            ("message", "hello you"), ("labels.name", "you"), ("log.logger", "Test"), ("ecs.version", "8.11.0"),
        })
            Assert.Equal(value, line.GetProperty(field).GetString());
        Assert.StartsWith("machine-4711-", line.GetProperty("process.entity_id").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(line.GetProperty("service.version").GetString()!);
        Assert.True(line.GetProperty("@timestamp").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddMinutes(-1));
    }

    [Fact]
    public void As_ecs_its_action_stands_by_name() =>
        Assert.Equal("job-completed", Ecs(log => log.LogInformation(EventActions.JobCompleted, "done")).GetProperty("event.action").GetString());

    [Fact]
    public void As_ecs_what_surrounds_it_becomes_labels_that_are_text()
    {
        var id = Guid.NewGuid();
        var line = Ecs(log =>
        {
            using (log.BeginScope(new Dictionary<string, object?> { ["JobId"] = id, ["Kind"] = "double", ["Attempt"] = 1, ["ProducerPid"] = 12 }))
                log.LogWarning("inside");
        });
        Assert.Equal((id.ToString(), "double", "1", "12"), (Label("job_id"), Label("kind"), Label("attempt"), Label("producer_pid")));
        Assert.Equal("warning", line.GetProperty("log.level").GetString());

        string? Label(string name) => line.GetProperty($"labels.{name}").GetString();
    }

    [Fact]
    public void As_ecs_an_exception_has_its_three_fields()
    {
        var line = Ecs(log => log.LogError(Thrown(), "it broke"));
        Assert.Equal("System.InvalidOperationException", line.GetProperty("error.type").GetString());
        Assert.Equal("the cause", line.GetProperty("error.message").GetString());
        Assert.Contains(nameof(Thrown), line.GetProperty("error.stack_trace").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void As_ecs_it_is_one_line_whatever_is_in_it()
    {
        var text = Write(new EcsFormatter(Process), log => log.LogInformation("two\nlines {Text}", "\"quoted\"\n\u0001🙂"));
        Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
        Assert.Equal("two\nlines \"quoted\"\n\u0001🙂", JsonDocument.Parse(text).RootElement.GetProperty("message").GetString());
    }

    [Fact]
    public void For_a_person_it_is_short_and_names_the_job()
    {
        var text = Write(new PlainFormatter(4711, colour: false), log =>
        {
            using (log.BeginScope(new Dictionary<string, object?> { ["JobId"] = "abc", ["BatchId"] = "hidden", ["Kind"] = "double", ["Attempt"] = 1 }))
                log.LogInformation("done in {Milliseconds} ms", 12);
        });
        Assert.Matches(@"^\d\d:\d\d:\d\d\.\d\d\d INF pid=4711 job=abc kind=double attempt=1 done in 12 ms\n$", text);
    }

    [Theory]
    [InlineData(LogLevel.Debug, "DBG")]
    [InlineData(LogLevel.Information, "INF")]
    [InlineData(LogLevel.Warning, "WRN")]
    [InlineData(LogLevel.Error, "ERR")]
    [InlineData(LogLevel.Critical, "ERR")]
    public void For_a_person_the_level_has_three_letters(LogLevel level, string letters) =>
        Assert.Contains($" {letters} pid=", Write(new PlainFormatter(1, colour: false), log => log.Log(level, "x")), StringComparison.Ordinal);

    [Fact]
    public void For_a_person_an_exception_is_its_message_and_below_debug_its_stack_is_left_out()
    {
        Assert.EndsWith("it broke: the cause\n", Write(new PlainFormatter(1, colour: false), log => log.LogError(Thrown(), "it broke")), StringComparison.Ordinal);
        Assert.Contains(nameof(Thrown), Write(new PlainFormatter(1, colour: false), log => log.LogDebug(Thrown(), "it broke")), StringComparison.Ordinal);
    }

    [Fact]
    public void Colours_are_used_only_where_they_are_asked_for()
    {
        Assert.Contains("\e[32mINF", Write(new PlainFormatter(1, colour: true), log => log.LogInformation("x")), StringComparison.Ordinal);
        Assert.DoesNotContain("\e", Write(new PlainFormatter(1, colour: false), log => log.LogInformation("x")), StringComparison.Ordinal);
    }

    private static JsonElement Ecs(Action<Microsoft.Extensions.Logging.ILogger> write) => JsonDocument.Parse(Write(new EcsFormatter(Process), write)).RootElement;

    private static string Write(ITextFormatter formatter, Action<Microsoft.Extensions.Logging.ILogger> write)
    {
        var sink = new FormattedText(formatter);
        using var logger = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(sink).CreateLogger();
        using var factory = new SerilogLoggerFactory(logger);
        write(factory.CreateLogger("Test"));
        return sink.Text.ToString();
    }

    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("the cause");
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }

    private sealed class FormattedText(ITextFormatter formatter) : ILogEventSink
    {
        public StringWriter Text { get; } = new() { NewLine = "\n" };

        public void Emit(LogEvent logEvent) => formatter.Format(logEvent, Text);
    }
}
