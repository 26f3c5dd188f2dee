using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Logging.Elasticsearch;

public sealed class When_an_event_is_unusual : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private FakeElasticsearch _server = null!;

    public async ValueTask InitializeAsync() => _server = await FakeElasticsearch.StartAsync();

    [Fact]
    public void Ten_megabytes_of_text_are_truncated()
    {
        var document = Sent(log => log.Information("{Text}", new string('x', 10 * 1024 * 1024)));

        Assert.InRange(document.GetProperty("message").GetString()!.Length, 100_000, 200_000);
        Assert.EndsWith("... (10485760 characters)", document.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.InRange(document.GetProperty("labels.text").GetString()!.Length, 30_000, 40_000);
    }

    [Fact]
    public void Many_large_texts_are_truncated_further()
    {
        var document = Sent(log =>
        {
            for (var number = 0; number < 100; number++)
                log = log.ForContext($"Text{number}", new string('\u0001', 30_000));
            log.Information("many");
        });

        Assert.InRange(document.GetRawText().Length, 100, 64 * 1024);
        Assert.Equal("many", document.GetProperty("message").GetString());
    }

    [Fact]
    public void A_value_with_ten_thousand_properties_is_one_text_label()
    {
        var value = Enumerable.Range(0, 10_000).ToDictionary(number => $"name{number}", number => number);
        var document = Sent(log => log.Information("{@Value}", value));

        Assert.Contains("name1", document.GetProperty("labels.value").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(document.EnumerateObject(), property => property.Name.StartsWith("labels.name", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_ten_thousand_properties_two_hundred_are_kept()
    {
        var document = Sent(log => log.ForContext(new Many(10_000)).Information("many"));

        Assert.Equal(200, document.EnumerateObject().Count(property => property.Name.StartsWith("labels.", StringComparison.Ordinal)));
    }

    [Fact]
    public void Control_characters_and_lone_surrogates_become_valid_text()
    {
        var document = Sent(log => log.ForContext("Odd\ud800Name", "x").Information("{Text}", "nul \0 bell \a half \ud83d end \ud83d\ude00"));

        Assert.Equal("nul \0 bell \a half \ufffd end \ud83d\ude00", document.GetProperty("message").GetString());
    }

    [Fact]
    public void A_deeply_nested_object_is_text()
    {
        object deep = "bottom";
        for (var level = 0; level < 200; level++)
            deep = new Dictionary<string, object> { ["inner"] = deep };
        var document = Sent(log => log.Information("{@Deep}", deep));

        Assert.Equal(JsonValueKind.String, document.GetProperty("labels.deep").ValueKind);
    }

    [Fact]
    public void Two_properties_that_map_to_one_label_are_written_once()
    {
        var document = Sent(log => log.ForContext("JobId", "1").ForContext("Job_Id", "2").ForContext("a.b", "3").Information("names"));

        Assert.Single(document.EnumerateObject(), property => property.Name == "labels.job_id");
        Assert.Equal("3", document.GetProperty("labels.a_b").GetString());
    }

    [Fact]
    public void A_value_that_cannot_be_formatted_loses_only_its_event()
    {
        using (var sink = new SinkUnderTest(_server.Url, _folder.Path))
        {
            sink.Write(1, 1);
            sink.Log.Information("{Thrower}", new Thrower());
            sink.Write(2, 1);
        }

        Assert.Equal([1, 2], SinkUnderTest.Numbers(_server));
    }

    [Fact]
    public void Values_of_another_type_cause_no_mapping_conflict()
    {
        using (var sink = new SinkUnderTest(_server.Url, _folder.Path))
        {
            sink.Log.ForContext("ExitCode", "none").ForContext("Value", 1).Information("one");
            sink.Log.ForContext("ExitCode", 5).ForContext("Value", "text").Information("two");
        }

        Assert.All(_server.Documents.Values, document => Assert.Equal(JsonValueKind.String, document.GetProperty("labels.value").ValueKind));
        Assert.Single(_server.Documents.Values, document => document.TryGetProperty("process.exit_code", out var code) && code.ValueKind == JsonValueKind.Number);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private JsonElement Sent(Action<Serilog.ILogger> write)
    {
        using (var sink = new SinkUnderTest(_server.Url, _folder.Path))
            write(sink.Log);
        return Assert.Single(_server.Documents).Value;
    }

    private sealed class Many(int count) : Serilog.Core.ILogEventEnricher
    {
        public void Enrich(Serilog.Events.LogEvent logEvent, Serilog.Core.ILogEventPropertyFactory propertyFactory)
        {
            for (var number = 0; number < count; number++)
                logEvent.AddPropertyIfAbsent(propertyFactory.CreateProperty($"Name{number}", number));
        }
    }

    private sealed class Thrower
    {
        public override string ToString() => throw new InvalidOperationException("cannot be shown");
    }
}
