using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_items_are_mapped(When_items_are_mapped.Fleet fleet) : IClassFixture<When_items_are_mapped.Fleet>
{
    private readonly ConsumerFleet _fleet = fleet.Require();

    [Fact]
    public async Task Results_are_on_stdout_in_item_order_and_stderr_is_empty()
    {
        var end = await Programs.RunProducerAsync("map", "double", "5", "10", "15", "20", "25");
        Assert.Equal(("10\n20\n30\n40\n50\n", "", 0), (end.Output, end.Error, end.ExitCode));
    }

    [Fact]
    public async Task A_hundred_thousand_lines_give_a_hundred_thousand_results_byte_for_byte()
    {
        var end = await Programs.RunProducerOnAsync(Lines(Enumerable.Range(1, 100_000)), "map", "double", "-f", "-");
        Assert.Equal(0, end.ExitCode);
        // Compared as a whole: a failure message with both texts would be a megabyte.
        Assert.True(end.Output == Lines(Enumerable.Range(1, 100_000).Select(n => n * 2)), $"the first wrong line of {end.OutputLines.Length} is {FirstWrong(end.OutputLines)}");
    }

    [Fact]
    public async Task The_chunk_size_changes_the_messages_not_the_results()
    {
        var end = await Programs.RunProducerAsync("map", "double", "1", "2", "3", "4", "5", "--chunk", "2", "--output", "full");
        var chunks = end.OutputLines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("chunk").GetInt32());
        Assert.Equal([2, 2, 2, 2, 1], chunks);
    }

    [Fact]
    public async Task Unordered_results_are_the_same_results()
    {
        var end = await Programs.RunProducerOnAsync(Lines(Enumerable.Range(1, 1000)), "map", "double", "-f", "-", "--unordered", "--chunk", "1");
        Assert.Equal(Enumerable.Range(1, 1000).Select(n => $"{n * 2}"), end.OutputLines.OrderBy(int.Parse));
    }

    [Fact]
    public async Task Unordered_results_do_not_wait_for_a_slow_item_before_them()
    {
        using var folder = new TestFolder();
        var slow = JsonSerializer.Serialize(new { folder = folder.Path, number = 1 });
        await using var producer = Programs.StartProducer(["map", _fleet.Kind("gated"), slow, "\"does not fit\"", "--unordered", "--output", "full", "--chunk", "1"]);
        await producer.WaitForOutputAsync(text => text.Contains("\"index\":1", StringComparison.Ordinal), "the second item's line");
        Assert.DoesNotContain("\"index\":0", producer.Output.ToString(), StringComparison.Ordinal);
        folder.Write("open", "");
        Assert.Equal(1, (await producer.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Full_output_names_the_process_and_duration_of_each_item()
    {
        var end = await Programs.RunProducerAsync("map", _fleet.Kind("pair"), "[1,2]", "[3]", "--output", "full");
        var lines = end.OutputLines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal("1/2", lines[0].GetProperty("value").GetString());
        Assert.False(lines[0].TryGetProperty("failure", out _));
        Assert.Equal(JsonValueKind.Null, lines[1].GetProperty("value").ValueKind);
        Assert.Equal("does-not-fit", lines[1].GetProperty("failure").GetProperty("type").GetString());
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(i, lines[i].GetProperty("index").GetInt32());
            Assert.Equal(lines[0].GetProperty("batch").GetGuid(), lines[i].GetProperty("batch").GetGuid());
            Assert.NotEqual(Guid.Empty, lines[i].GetProperty("job").GetGuid());
            Assert.Contains(lines[i].GetProperty("pid").GetInt32(), _fleet.ChildIds);
            Assert.Equal(Environment.MachineName, lines[i].GetProperty("host").GetString());
            Assert.Equal(1, lines[i].GetProperty("attempt").GetInt32());
            Assert.True(lines[i].GetProperty("elapsedMs").GetDouble() >= 0);
            Assert.True(lines[i].GetProperty("finishedAt").GetDateTimeOffset() >= lines[i].GetProperty("startedAt").GetDateTimeOffset());
        }
    }

    [Fact]
    public async Task A_typed_line_is_answered_before_the_next_is_typed()
    {
        await using var producer = Programs.StartProducer(["map", "double", "-f", "-"], keepInput: true);
        foreach (var number in new[] { 4, 7 })
        {
            await producer.Input.WriteLineAsync($"{number}");
            await producer.Input.FlushAsync();
            await producer.WaitForOutputAsync(text => text.EndsWith($"{number * 2}\n", StringComparison.Ordinal), $"the result of {number}");
        }

        producer.Input.Close();
        Assert.Equal(("8\n14\n", 0), ((await producer.EndAsync()) is var end ? end.Output : "", end.ExitCode));
    }

    [Fact]
    public async Task A_progress_bar_does_not_change_stdout()
    {
        var end = await Programs.RunProducerAsync("map", "double", "1", "2", "3", "--bar");
        Assert.Equal(("2\n4\n6\n", 0), (end.Output, end.ExitCode));
    }

    [Fact]
    public async Task A_handler_finds_the_dependency_beside_its_DLL()
    {
        var end = await Programs.RunProducerAsync("call", _fleet.Kind("reversed"), "not to be");
        Assert.Equal(("\"be to not\"\n", 0), (end.Output, end.ExitCode));
    }

    [Fact]
    public async Task Text_in_any_script_is_unchanged()
    {
        var end = await Programs.RunProducerAsync("call", _fleet.Kind("reversed"), "größe \"日本\" <&> \\ 🙂");
        Assert.Equal("🙂 \\ <&> \"日本\" größe", JsonSerializer.Deserialize<string>(end.Output));
        Assert.Contains("日本", end.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_is_text_for_a_kind_that_takes_text()
    {
        var end = await Programs.RunProducerAsync("call", _fleet.Kind("reversed"), "42");
        Assert.Equal("\"42\"\n", end.Output);
    }

    [Fact]
    public async Task Publish_writes_only_the_batch_id_to_stdout()
    {
        var end = await Programs.RunProducerAsync("publish", "double", "1", "2", "3");
        Assert.True(Guid.TryParse(end.Output.Trim(), out _), end.ToString());
        Assert.Equal(("producer: 3 items of kind double confirmed by the broker\n", 0), (end.Error, end.ExitCode));
    }

    private static string Lines(IEnumerable<int> numbers) => string.Concat(numbers.Select(n => $"{n}\n"));

    private static string FirstWrong(string[] lines) =>
        lines.Select((line, i) => (line, i)).Where(found => found.line != $"{(found.i + 1) * 2}").Select(found => $"{found.i + 1}: {found.line}").FirstOrDefault() ?? "none: lines are missing";

    public sealed class Fleet : FleetFixture
    {
        protected override FleetPlan Plan => new() { Kinds = ["reversed", "pair", "gated"], BuiltIn = ["double"], Processes = 2, Concurrency = 2 };
    }
}
