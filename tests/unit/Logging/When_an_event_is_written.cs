using System.Text.Json;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Logging;
using Broker.Logging.Events;
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
    public void As_ECS_an_event_names_its_process_with_a_numeric_pid()
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
    public void As_ECS_the_action_is_a_name() =>
        Assert.Equal("job-completed", Ecs(log => log.LogInformation(EventActions.JobCompleted, "done")).GetProperty("event.action").GetString());

    [Fact]
    public void As_ECS_properties_and_scopes_become_text_labels()
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
    public void As_ECS_an_exception_has_three_fields()
    {
        var line = Ecs(log => log.LogError(Thrown(), "it broke"));
        Assert.Equal("System.InvalidOperationException", line.GetProperty("error.type").GetString());
        Assert.Equal("the cause", line.GetProperty("error.message").GetString());
        Assert.Contains(nameof(Thrown), line.GetProperty("error.stack_trace").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void As_ECS_an_event_is_always_one_line()
    {
        var text = Write(new EcsFormatter(Process), log => log.LogInformation("two\nlines {Text}", "\"quoted\"\n\u0001🙂"));
        Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
        Assert.Equal("two\nlines \"quoted\"\n\u0001🙂", JsonDocument.Parse(text).RootElement.GetProperty("message").GetString());
    }

    [Fact]
    public void As_plain_text_an_event_is_short_and_names_the_job()
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
    public void As_plain_text_a_level_has_three_letters(LogLevel level, string letters) =>
        Assert.Contains($" {letters} pid=", Write(new PlainFormatter(1, colour: false), log => log.Log(level, "x")), StringComparison.Ordinal);

    [Fact]
    public void As_plain_text_an_exception_is_its_message_and_a_stack_trace_only_at_debug()
    {
        Assert.EndsWith("it broke: the cause\n", Write(new PlainFormatter(1, colour: false), log => log.LogError(Thrown(), "it broke")), StringComparison.Ordinal);
        Assert.Contains(nameof(Thrown), Write(new PlainFormatter(1, colour: false), log => log.LogDebug(Thrown(), "it broke")), StringComparison.Ordinal);
    }

    [Fact]
    public void Colours_are_used_only_on_request()
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
