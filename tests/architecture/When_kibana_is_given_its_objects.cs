using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Broker.Logging.Elasticsearch;

namespace Broker.Tests.Architecture;

public sealed partial class When_kibana_is_given_its_objects
{
    /// <summary>Of the oldest Kibana that can draw them, 8.9: it refuses what is newer, and newer ones bring older objects up to date.</summary>
    private static readonly Dictionary<string, Version> Newest = new()
    {
        ["index-pattern"] = new(8, 0, 0), ["search"] = new(8, 0, 0), ["lens"] = new(8, 9, 0), ["dashboard"] = new(8, 7, 0),
    };

    private static readonly List<JsonObject> Objects =
        [.. Repository.Read("infra/kibana/broker.ndjson").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];

    private static JsonObject DataView => Objects.Single(each => Type(each) == "index-pattern");

    [Fact]
    public void Each_is_told_by_type_and_id_and_no_newer_than_the_oldest_kibana()
    {
        Assert.Equal(Newest.Keys.Order(), Objects.Select(Type).Distinct().Order());
        Assert.Distinct(Objects.Select(Key));
        foreach (var each in Objects)
        {
            Assert.True(Version.Parse((string)each["typeMigrationVersion"]!) <= Newest[Type(each)], Key(each));
            Assert.Equal("8.8.0", (string)each["coreMigrationVersion"]!);
            Assert.NotEmpty((string)each["attributes"]!["title"]!);
        }
    }

    [Fact]
    public void What_one_refers_to_is_among_them()
    {
        var keys = Objects.Select(Key).ToHashSet();
        foreach (var each in Objects)
            Assert.All(each["references"]!.AsArray(), reference => Assert.Contains($"{reference!["type"]}/{reference["id"]}", keys));
    }

    [Fact]
    public void A_reference_is_made_for_every_name_that_stands_for_one()
    {
        foreach (var each in Objects)
        {
            var attributes = each["attributes"]!;
            var wanted = Type(each) switch
            {
                "search" => [(string)Inner(attributes["kibanaSavedObjectMeta"]!, "searchSourceJSON")["indexRefName"]!],
                "lens" => Layers(each).Select(layer => $"indexpattern-datasource-layer-{layer.Key}"),
                "dashboard" => Inner(attributes, "panelsJSON").AsArray().Select(panel => $"{panel!["panelIndex"]}:{panel["panelRefName"]}")
                    .Concat(Controls(each).Select(control => $"controlGroup_{control.Key}:optionsListDataView")),
                _ => [],
            };
            Assert.Equal(wanted.Order(), each["references"]!.AsArray().Select(reference => (string)reference!["name"]!).Order());
        }
    }

    [Fact]
    public void The_data_view_is_of_our_streams_and_writes_a_process_number_as_a_number()
    {
        var attributes = DataView["attributes"]!;
        Assert.Equal((DataStreams.Pattern, "@timestamp"), ((string)attributes["title"]!, (string)attributes["timeFieldName"]!));
        var formats = Inner(attributes, "fieldFormatMap").AsObject();
        Assert.All(formats, format => Assert.Contains(format.Key, IndexTemplate.Fields));
        foreach (var number in new[] { "process.pid", "process.parent.pid", "process.thread.id" })
            Assert.Equal(("number", "0"), ((string)formats[number]!["id"]!, (string)formats[number]!["params"]!["pattern"]!));
        Assert.Equal(("duration", "nanoseconds"), ((string)formats["event.duration"]!["id"]!, (string)formats["event.duration"]!["params"]!["inputFormat"]!));
    }

    [Fact]
    public void They_use_fields_that_are_mapped()
    {
        foreach (var each in Objects)
        {
            var attributes = each["attributes"]!;
            var fields = Type(each) switch
            {
                "search" => attributes["columns"]!.AsArray().Select(column => (string)column!).Concat(attributes["sort"]!.AsArray().Select(sort => (string)sort![0]!)),
                "lens" => Layers(each).SelectMany(layer => layer.Value!["columns"]!.AsObject()).Select(column => (string)column.Value!["sourceField"]!).Where(field => field != "___records___"),
                "dashboard" => Controls(each).Select(control => (string)control.Value!["explicitInput"]!["fieldName"]!),
                _ => ["@timestamp"],
            };
            var used = fields.ToList();
            Assert.NotEmpty(used);
            Assert.All(used, field => Assert.Contains(field, IndexTemplate.Fields));
            // A chart or a filter sorts by whole values, which a text is not.
            if (Type(each) != "search")
                Assert.All(used, field => Assert.NotEqual("text", IndexTemplate.Fields[field]));
        }
    }

    [Fact]
    public void Their_queries_and_those_of_the_page_name_fields_and_actions_that_exist()
    {
        var queries = Objects.SelectMany(Queries).ToList();
        Assert.Equal(Objects.Count - 1, queries.Count);
        Assert.All(queries, KqlText.AssertUsable);
        var page = Line().Matches(Repository.Read("infra/kibana/QUERIES.md")).Select(match => match.Groups["kql"].Value).ToList();
        Assert.NotEmpty(page);
        Assert.All(page, KqlText.AssertUsable);
    }

    [Fact]
    public void A_chart_shows_columns_that_it_has()
    {
        foreach (var chart in Objects.Where(each => Type(each) == "lens"))
        {
            var (layer, content) = Layers(chart).Single();
            var columns = content!["columns"]!.AsObject().Select(column => column.Key).ToList();
            Assert.Equal(columns.Order(), content["columnOrder"]!.AsArray().Select(column => (string)column!).Order());
            var visualization = chart["attributes"]!["state"]!["visualization"]!.AsObject();
            var drawn = visualization["layers"]?[0]!.AsObject() ?? visualization;
            Assert.Equal(layer, (string)drawn["layerId"]!);
            var shown = drawn["columns"] is JsonArray table
                ? table.Select(column => (string)column!["columnId"]!)
                : [(string)drawn["xAccessor"]!, .. drawn["accessors"]!.AsArray().Select(column => (string)column!), .. drawn["splitAccessor"] is { } split ? [(string)split!] : Array.Empty<string>()];
            Assert.Equal(columns.Order(), shown.Order());
        }
    }

    private static IEnumerable<string> Queries(JsonObject each) => Type(each) switch
    {
        "lens" => [(string)each["attributes"]!["state"]!["query"]!["query"]!],
        "search" or "dashboard" => [(string)Inner(each["attributes"]!["kibanaSavedObjectMeta"]!, "searchSourceJSON")["query"]!["query"]!],
        _ => [],
    };

    private static JsonObject Layers(JsonObject lens) => lens["attributes"]!["state"]!["datasourceStates"]!["formBased"]!["layers"]!.AsObject();

    private static JsonObject Controls(JsonObject dashboard) => Inner(dashboard["attributes"]!["controlGroupInput"]!, "panelsJSON").AsObject();

    private static JsonNode Inner(JsonNode attributes, string name) => JsonNode.Parse((string)attributes[name]!)!;

    private static string Type(JsonObject each) => (string)each["type"]!;

    private static string Key(JsonObject each) => $"{each["type"]}/{each["id"]}";

    [GeneratedRegex(@"^\| [^|]+ \| `(?<kql>[^`]+)` \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Line();
}
