using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Broker.Logging.Elasticsearch;
using Broker.Tests.Support;

namespace Broker.Tests.Architecture;

public sealed partial class When_the_index_template_is_put
{
    private static readonly string[] Services = ["broker-consumer", "broker-producer"];

    /// <summary>The files that name the fields of an event.</summary>
    private static readonly string[] Writers = ["infra/Logging/Events/EcsDocument.cs", "infra/Logging/Events/ProcessFields.cs"];

    [Fact]
    public void It_is_for_the_data_streams_that_the_programs_write_to()
    {
        var pattern = Assert.Single(IndexTemplate.Plain["index_patterns"]!.AsArray());
        Assert.Equal(DataStreams.Pattern, (string)pattern!);
        var matching = "^" + Regex.Escape(DataStreams.Pattern).Replace(@"\*", ".*", StringComparison.Ordinal) + "$";
        Assert.All(Services, service => Assert.Matches(matching, DataStreams.Of(service)));
        Assert.True((int)IndexTemplate.Plain["priority"]! > 100, "the server's own template for logs-*-* would win");
    }

    [Fact]
    public void Numbers_are_numbers_and_labels_are_words()
    {
        foreach (var number in new[] { "process.pid", "process.parent.pid", "process.thread.id", "process.exit_code", "event.duration", "event.sequence" })
            Assert.Equal("long", IndexTemplate.Fields[number]);
        var labels = IndexTemplate.Fields.Where(field => field.Key.StartsWith("labels.", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(labels);
        Assert.All(labels, label => Assert.Equal("keyword", label.Value));
        var mappings = IndexTemplate.Plain["template"]!["mappings"]!;
        Assert.False((bool)mappings["date_detection"]!);
        Assert.All(
            mappings["dynamic_templates"]!.AsArray().Select(entry => entry!.AsObject().Single().Value!),
            rule => Assert.Equal("keyword", (string)rule["mapping"]!["type"]!));
    }

    /// <summary>What an event cannot say in a field that is mapped becomes guesswork of the server.</summary>
    [Fact]
    public void Every_field_that_an_event_is_written_with_is_mapped()
    {
        var written = Writers
            .SelectMany(file => FieldName().Matches(Repository.Read(file)).Select(match => match.Groups["name"].Value)).Distinct().ToList();
        Assert.Contains("process.pid", written);
        Assert.Contains("@timestamp", written);
        Assert.All(written, name => Assert.Contains(name, IndexTemplate.Fields));
    }

    [Fact]
    public async Task The_shell_puts_together_what_a_program_would()
    {
        await using var script = RunningProgram.Start("bash", [Path.Combine(Repository.Root, "infra/elasticsearch/setup.sh"), "template"]);
        var end = await script.EndAsync(TimeSpan.FromSeconds(20));
        Assert.True(end.ExitCode == 0, end.ToString());
        var merged = IndexTemplate.Plain;
        Merge(merged, IndexTemplate.Optional);
        Assert.False(JsonNode.DeepEquals(IndexTemplate.Plain, merged));
        Assert.True(JsonNode.DeepEquals(merged, JsonNode.Parse(end.Output)), end.Output);
    }

    private static void Merge(JsonObject target, JsonObject extra)
    {
        foreach (var (name, value) in extra)
        {
            if (target[name] is JsonObject inner && value is JsonObject more)
                Merge(inner, more);
            else
                target[name] = value?.DeepClone();
        }
    }

    [GeneratedRegex("""
        (Write(String|Number)\(|\] = )"(?<name>@timestamp|message|(ecs|log|event|process|host|container|service|error|trace|span)\.[a-z_.]+)"
        """, RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FieldName();
}
