using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_the_fleet_is_inspected(When_the_fleet_is_inspected.Fleet fleet) : IClassFixture<When_the_fleet_is_inspected.Fleet>
{
    private readonly ConsumerFleet _fleet = fleet.Require();

    [Fact]
    public async Task Kinds_shows_args_and_concurrency()
    {
        var end = await Programs.RunProducerAsync("kinds");
        Assert.Equal(0, end.ExitCode);
        Assert.Matches(@"^ARGS +PROC +SLOTS\n", end.Output);
        Assert.Matches($@"(?m)^{_fleet.Kind("pair")}\(left: integer, right: integer\) +2 +6$", end.Output);
        Assert.Matches($@"(?m)^{_fleet.Kind("behave")}\(as: text, number: integer\?\) +2 +6$", end.Output);
    }

    [Fact]
    public async Task Kinds_in_full_shows_the_schema_of_each_kind()
    {
        var end = await Programs.RunProducerAsync("kinds", "--output", "full");
        var kind = Assert.Single(end.OutputLines.Select(line => JsonDocument.Parse(line).RootElement), line => line.GetProperty("kind").GetString() == _fleet.Kind("pair"));
        Assert.Equal(6, kind.GetProperty("concurrency").GetInt32());
        Assert.Equal(["left", "right"], kind.GetProperty("argsSchema").GetProperty("required").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task Status_shows_every_process_and_its_running_jobs()
    {
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["map", _fleet.Kind("gated"), .. gate.Items(8), "--chunk", "1"]);
        await gate.WaitForStartsAsync(6);
        var busy = await Programs.RunProducerAsync("status");
        gate.Open();
        Assert.Equal(0, (await producer.EndAsync()).ExitCode);

        Assert.Equal(0, busy.ExitCode);
        Assert.Matches($@"(?m)^{_fleet.Kind("gated")} +2 +6 +6 +- +- +[\d.]+s +0 +0 +2 +\d+$", busy.Output);
        foreach (var id in _fleet.ChildIds)
            Assert.Matches($@"(?m)^{Environment.MachineName} +{id} +consumer-\d +3 +12 +- +0 +[\d.]+[sm] +[\d.]+s +{_fleet.Kind("gated")} +(- +)?[0-9a-f-]{{36}} +\d +\d+ ", busy.Output);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("full")]
    public async Task Status_as_JSON_names_every_running_job(string output)
    {
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["map", _fleet.Kind("gated"), .. gate.Items(6), "--chunk", "1"]);
        await gate.WaitForStartsAsync(6);
        var end = await Programs.RunProducerAsync("status", "--output", output);
        gate.Open();
        await producer.EndAsync();
        var status = JsonDocument.Parse(Assert.Single(end.OutputLines)).RootElement;
        Assert.InRange(status.GetProperty("at").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow);
        var kind = Assert.Single(status.GetProperty("kinds").EnumerateArray(), kind => kind.GetProperty("kind").GetString() == _fleet.Kind("gated"));
        Assert.Equal((0, 6), (kind.GetProperty("ready").GetInt64(), kind.GetProperty("unacknowledged").GetInt32()));
        var ours = status.GetProperty("processes").EnumerateArray().Where(process => _fleet.ChildIds.Contains(process.GetProperty("pid").GetInt32())).ToList();
        Assert.Equal(2, ours.Count);
        var jobs = ours.SelectMany(process => process.GetProperty("jobs").EnumerateArray()).ToList();
        Assert.Equal(["0", "1", "2", "3", "4", "5"], jobs.Select(job => job.GetProperty("indices").GetString()).Order());
        Assert.Single(jobs.Select(job => job.GetProperty("batch").GetGuid()).Distinct());
        Assert.Equal(6, jobs.Select(job => job.GetProperty("job").GetGuid()).Distinct().Count());
    }

    [Fact]
    public async Task A_bar_and_status_show_how_far_a_job_is()
    {
        using var gate = new Gate();
        await using var call = Terminal.StartProducer(["call", _fleet.Kind("reading"), gate.Item(1), "--bar"], columns: 140);
        await call.WaitForOutputAsync(text => text.Contains(" 42% 0 of 1, 0/s, ", StringComparison.Ordinal) && text.Contains(" left, page 3 of 7", StringComparison.Ordinal), "a bar with what the handler says");
        var status = await Programs.RunProducerAsync("status", _fleet.Kind("reading"));
        Assert.Matches($"(?m) {_fleet.Kind("reading")}  42 %  page 3 of 7  [0-9a-f-]{{36}} ", status.Output);
        var json = JsonDocument.Parse((await Programs.RunProducerAsync("status", _fleet.Kind("reading"), "-o", "json")).Output).RootElement;
        var job = Assert.Single(json.GetProperty("processes").EnumerateArray().SelectMany(process => process.GetProperty("jobs").EnumerateArray()), job => job.GetProperty("kind").GetString() == _fleet.Kind("reading"));
        Assert.Equal("""{"index":0,"fraction":0.42,"text":"page 3 of 7"}""", job.GetProperty("progress").GetRawText());
        gate.Open();
        Assert.Equal(0, (await call.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Watch_appends_looks_to_a_pipe_until_interrupted()
    {
        await using var producer = Programs.StartProducer(["status", "--watch"]);
        await producer.WaitForOutputAsync(text => text.Split("HOST").Length >= 3, "two looks");
        producer.Signal("INT");
        var end = await producer.EndAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(("", 0), (end.Error, end.ExitCode));
        Assert.DoesNotContain('\e', end.Output);
    }

    [Fact]
    public async Task Watch_as_JSON_is_an_object_a_look_with_rates_from_the_second_on()
    {
        await using var producer = Programs.StartProducer(["status", _fleet.Kind("pair"), "--watch", "-o", "json"]);
        await producer.WaitForOutputAsync(text => text.Contains('\n', StringComparison.Ordinal), "a look");
        Assert.Equal(0, (await Programs.RunProducerAsync("map", _fleet.Kind("pair"), "[1,2]", "[3,4]")).ExitCode);
        await producer.WaitForOutputAsync(text => Looks(text).Exists(look => Rate(look) > 0), "a rate");
        producer.Signal("INT");
        var end = await producer.EndAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(0, end.ExitCode);
        Assert.Null(Rate(Looks(end.Output)[0]));

        static List<JsonElement> Looks(string text) => [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

        static double? Rate(JsonElement look) => look.GetProperty("kinds")[0].GetProperty("perSecond") is { ValueKind: JsonValueKind.Number } rate ? rate.GetDouble() : null;
    }

    [Fact]
    public async Task Watch_draws_one_picture_in_place_on_a_terminal_and_leaves_the_last()
    {
        const string Home = "\e[H";
        await using var producer = Terminal.StartProducer(["status", "--watch"], columns: 80, rows: 24);
        await producer.WaitForOutputAsync(text => text.Split(Home).Length >= 4, "three pictures");
        await producer.Input.WriteAsync('\x03');
        await producer.Input.FlushAsync();
        var end = await producer.EndAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(0, end.ExitCode);
        foreach (var picture in end.Output.Split(Home).Skip(1))
        {
            var lines = picture[..picture.IndexOf("\e[J", StringComparison.Ordinal)].Split("\e[K\r\n")[..^1];
            Assert.InRange(lines.Length, 3, 23);
            Assert.All(lines, line => Assert.True(line.Length <= 80, $"{line.Length}: {line}"));
            Assert.Contains(lines, line => line.StartsWith("KIND ", StringComparison.Ordinal));
        }
    }

    public sealed class Fleet : FleetFixture
    {
        protected override FleetPlan Plan => new() { Kinds = ["pair", "behave", "gated", "reading"], Processes = 2, Concurrency = 3 };
    }
}
