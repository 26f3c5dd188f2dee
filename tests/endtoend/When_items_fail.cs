using System.Globalization;
using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_items_fail(When_items_fail.Fleet fleet) : IClassFixture<When_items_fail.Fleet>
{
    private readonly ConsumerFleet _fleet = fleet.Require();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(100, 100)]
    [InlineData(101, 101)]
    [InlineData(250, 101)]
    public async Task The_exit_code_is_the_number_of_failed_items_up_to_101(int failing, int exitCode)
    {
        var items = Enumerable.Range(0, failing).Select(_ => "[\"fail\",7]").Append("[\"well\",7]");
        var end = await Programs.RunProducerOnAsync(string.Join('\n', items), "map", _fleet.Kind("behave"), "-f", "-");
        Assert.Equal(exitCode, end.ExitCode);
        Assert.Equal(Enumerable.Repeat("null", failing).Append("7"), end.OutputLines);
    }

    [Fact]
    public async Task Each_failed_item_has_a_line_on_stderr_with_index_process_and_reason()
    {
        var end = await Programs.RunProducerAsync("map", _fleet.Kind("behave"), "[\"well\",1]", "[\"fail\",2]", "[\"reject\",3]");
        Assert.Equal(("1\nnull\nnull\n", 2), (end.Output, end.ExitCode));
        var lines = end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var where = $"failed on {Environment.MachineName} pid {_fleet.Program.Id}: ";
        const string More = " \\(producer logs --job [0-9a-f-]{36}\\)$";
        Assert.Matches($"^producer: item 1 {where}System.InvalidOperationException: item 2 was told to fail{More}", lines[0]);
        Assert.Matches($"^producer: item 2 {where}Broker.Contracts.JobRejectedException: item 3 is refused{More}", lines[1]);
        Assert.Equal(2, lines.Length);
    }

    [Fact]
    public async Task After_ten_lines_further_failures_are_counted()
    {
        var end = await Programs.RunProducerAsync(["map", _fleet.Kind("behave"), .. Enumerable.Repeat("[\"fail\"]", 14)]);
        var lines = end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(11, lines.Length);
        Assert.StartsWith("producer: 4 more failed, 14 of 14 in all", lines[10], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_remote_stack_is_shown_only_at_debug()
    {
        var plain = await Programs.RunProducerAsync("call", _fleet.Kind("behave"), "[\"fail\"]");
        var debug = await Programs.RunProducerAsync("call", _fleet.Kind("behave"), "[\"fail\"]", "--log-level", "debug");
        Assert.DoesNotContain("BehaveHandler", plain.Error, StringComparison.Ordinal);
        Assert.Contains("at Broker.Tests.Handlers.BehaveHandler.HandleAsync", debug.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_call_prints_nothing_on_stdout_and_ends_with_1()
    {
        var end = await Programs.RunProducerAsync("call", _fleet.Kind("behave"), "[\"fail\"]");
        Assert.Equal(("", 1), (end.Output, end.ExitCode));
    }

    [Theory]
    [InlineData("behave", "[1,2,3,4]")]
    [InlineData("behave", "{\"number\":1}")]
    [InlineData("pair", "5")]
    [InlineData("pair", "[\"one\",\"two\"]")]
    public async Task An_item_that_does_not_fit_fails_with_the_expected_signature(string kind, string item)
    {
        var end = await Programs.RunProducerAsync("call", _fleet.Kind(kind), item);
        Assert.Equal(1, end.ExitCode);
        Assert.Contains($"does-not-fit: {item} does not fit {_fleet.Kind(kind)}(", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Control_characters_of_a_remote_message_are_escaped()
    {
        var end = await Programs.RunProducerAsync("map", _fleet.Kind("behave"), """["\u001b[2J"]""");
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("behave as '\\u001b[2J'", end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', end.Error);
    }

    [Fact]
    public async Task A_call_without_the_item_that_its_kind_needs_says_so()
    {
        var end = await Programs.RunProducerAsync("call", _fleet.Kind("pair"));
        Assert.Equal(("", 64), (end.Output, end.ExitCode));
        Assert.StartsWith($"producer: '{_fleet.Kind("pair")}' needs an item, and none is given: {{}} does not fit {_fleet.Kind("pair")}(left: integer, right: integer)", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_may_stand_before_the_command()
    {
        var end = await Programs.RunProducerAsync("--broker", TestBroker.Require(), "--no-color", "call", _fleet.Kind("behave"), "[\"well\",1]");
        Assert.Equal(("1\n", 0), (end.Output, end.ExitCode));
    }

    [Fact]
    public async Task A_result_that_cannot_be_serialized_is_a_failure_not_a_hang()
    {
        var end = await Programs.RunProducerAsync("call", _fleet.Kind("cyclic"), "1");
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("bad-result: the result of type Broker.Tests.Handlers.Ring cannot be written as JSON", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_larger_than_a_message_is_a_failure_with_the_reason()
    {
        var end = await Programs.RunProducerAsync("call", _fleet.Kind("large"), (20 * 1024 * 1024).ToString(CultureInfo.InvariantCulture));
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("bad-result: the result has 20.0 MiB and the largest message is 8 MiB", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_item_past_its_time_limit_fails()
    {
        var end = await Programs.RunProducerAsync("map", _fleet.Kind("behave"), "[\"well\",1]", "[\"slow\",2]", "[\"well\",3]", "--timeout", "300ms", "--chunk", "3");
        Assert.Equal(("1\nnull\n3\n", 1), (end.Output, end.ExitCode));
        Assert.Contains("timed-out: ran longer than 0.3 s", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_past_its_deadline_ends_with_124()
    {
        var end = await Programs.RunProducerAsync("call", _fleet.Kind("pause"), "2500", "--deadline", "500ms");
        Assert.Equal(("", 124), (end.Output, end.ExitCode));
        Assert.Equal("producer: the deadline of 0.5 s passed with 0 items answered\n", end.Error);
    }

    [Fact]
    public async Task Failed_items_are_dead_lettered_with_their_reason()
    {
        await using var own = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"] });
        await Programs.RunProducerAsync("map", own.Kind("behave"), "[\"well\",1]", "[\"fail\",2]", "[\"well\",3]", "--chunk", "3");
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        var letter = await channel.BasicGetAsync(Topology.Names.DeadQueue(own.Kind("behave")), autoAck: true);
        var body = JsonDocument.Parse(letter!.Body).RootElement;
        Assert.Equal("[[\"fail\",2]]", body.GetProperty("job").GetProperty("items").GetRawText());
        Assert.Equal("item 2 was told to fail", Assert.Single(body.GetProperty("failures").EnumerateArray()).GetProperty("message").GetString());
        Assert.Equal(own.Program.Id, body.GetProperty("worker").GetProperty("processId").GetInt32());
    }

    public sealed class Fleet : FleetFixture
    {
        protected override FleetPlan Plan => new() { Kinds = ["behave", "pair", "cyclic", "large", "pause"], Concurrency = 2 };
    }
}
