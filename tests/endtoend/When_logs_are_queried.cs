using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_logs_are_queried : IDisposable
{
    private readonly TestFolder _logs = new();

    private Dictionary<string, string?> Environment => new() { ["BROKER__LOGGING__DIRECTORY"] = _logs.Path };

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task The_lines_of_a_job_are_shown_across_all_its_processes()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["context"], Processes = 2, Environment = Environment });
        await using var producer = Programs.StartProducer(["map", fleet.Kind("context"), "one", "two", "three", "four"], environment: Environment);
        var seen = (await producer.EndAsync()).OutputLines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        fleet.Program.Signal("TERM");
        await fleet.Program.EndAsync();
        var (job, batch) = (seen[2].GetProperty("jobId").GetString()!, seen[2].GetProperty("batchId").GetString()!);

        var ofJob = await LogsAsync("--job", job);
        Assert.Equal(0, ofJob.ExitCode);
        Assert.Contains(ofJob.OutputLines, line => line.EndsWith("the handler notes three", StringComparison.Ordinal));
        Assert.All(ofJob.OutputLines, line => Assert.Contains($" job={job} kind={fleet.Kind("context")} ", line, StringComparison.Ordinal));
        Assert.Single((await LogsAsync("--job", job)).OutputLines.Select(line => line.Split(' ')[2]).Where(process => process != $"{System.Environment.MachineName}/{producer.Id}").Distinct());

        var ofBatch = (await LogsAsync("--batch", batch, "--output", "json")).OutputLines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(4, ofBatch.Count(line => line.GetProperty("message").GetString()!.StartsWith("the handler notes ", StringComparison.Ordinal)));
        Assert.Equal(ofBatch.Select(line => line.GetProperty("@timestamp").GetString()).Order(StringComparer.Ordinal), ofBatch.Select(line => line.GetProperty("@timestamp").GetString()));

        var child = fleet.ChildIds[0];
        var ofChild = (await LogsAsync("--pid", $"{child}", "-n", "0", "-o", "json")).OutputLines;
        Assert.NotEmpty(ofChild);
        Assert.All(ofChild, line => Assert.Equal(child, JsonDocument.Parse(line).RootElement.GetProperty("process.pid").GetInt32()));
    }

    [Fact]
    public async Task A_follow_shows_new_lines_until_Ctrl_C()
    {
        Write("one", 1, 2, 3);
        await using var follow = Start("--follow", "--last", "2", "--grep", "line");
        await follow.WaitForOutputAsync(text => text.Contains("line 3", StringComparison.Ordinal), "the lines that were there");
        Append("one", 4);
        await follow.WaitForOutputAsync(text => text.Contains("line 4", StringComparison.Ordinal), "a line in a file that was there");
        Append("two_001", 5);
        await follow.WaitForOutputAsync(text => text.Contains("line 5", StringComparison.Ordinal), "a line in a new file");
        follow.Signal("INT");
        var end = await follow.EndAsync();
        Assert.Equal(130, end.ExitCode);
        Assert.Equal(["line 2", "line 3", "line 4", "line 5"], end.OutputLines.Select(line => line[^6..]));
        Assert.Equal(2, end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.EndsWith("producer: interrupted\n", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_follow_waits_for_the_first_log_file()
    {
        var folder = Path.Combine(_logs.Path, "not", "yet");
        await using var follow = RunningProgram.Start(Programs.Producer, ["logs", "-f"], new Dictionary<string, string?> { ["BROKER__LOGGING__DIRECTORY"] = folder, ["ELASTICSEARCH_URL"] = null });
        await follow.WaitForErrorAsync("waiting, until Ctrl-C");
        while (!Directory.Exists(folder))
            await Task.Delay(10);
        await File.WriteAllTextAsync(Path.Combine(folder, "first.ndjson"), $"{Line(1)}\n");
        await follow.WaitForOutputAsync(text => text.Contains("line 1", StringComparison.Ordinal), "the first line");
    }

    [Fact]
    public async Task A_closed_standard_output_ends_the_command()
    {
        Write("one", [.. Enumerable.Range(1, 20_000)]);
        await using var shell = RunningProgram.Start("/bin/bash", ["-c", $"'{Programs.Producer}' logs --last 0 | head -n 1; echo ${{PIPESTATUS[0]}}"], Without(Environment));
        var end = await shell.EndAsync();
        Assert.EndsWith("line 1", end.OutputLines[0], StringComparison.Ordinal);
        Assert.Equal("141", end.OutputLines[1]);
        Assert.Matches("^producer: standard output was closed after [0-9]+ lines\n$", end.Error);
    }

    [Fact]
    public async Task Omitted_lines_are_reported()
    {
        Write("one", [.. Enumerable.Range(1, 1001)]);
        var cut = await LogsAsync();
        Assert.Equal((0, 1000), (cut.ExitCode, cut.OutputLines.Length));
        Assert.EndsWith("line 2", cut.OutputLines[0], StringComparison.Ordinal);
        Assert.Equal("producer: older lines are left out: these are the newest 1000; --last 0 shows all\n", cut.Error);
        var all = await LogsAsync("--last", "0");
        Assert.Equal((1001, ""), (all.OutputLines.Length, all.Error));
        Assert.Equal("", (await LogsAsync("--last", "1001")).Error);
    }

    [Fact]
    public async Task No_matching_line_is_not_a_failure()
    {
        var end = await LogsAsync("--job", "nobody");
        Assert.Equal((0, "", $"producer: no log line matches in {_logs.Path}\n"), (end.ExitCode, end.Output, end.Error));
    }

    [Fact]
    public async Task The_folder_option_overrides_the_configuration()
    {
        Write("one", 1);
        await using var producer = RunningProgram.Start(
            Programs.Producer, ["logs", "--folder", _logs.Path], new Dictionary<string, string?> { ["ELASTICSEARCH_URL"] = "http://127.0.0.1:1", ["BROKER__LOGGING__DIRECTORY"] = "none" });
        Assert.Single((await producer.EndAsync()).OutputLines);
    }

    [Theory]
    [InlineData("http://elastic:kept-secret@127.0.0.1:1", 69, "producer: Elasticsearch at http://127.0.0.1:1 cannot be reached: ")]
    [InlineData("http://elastic:kept-secret@127.0.0.1:1,http://127.0.0.1:2", 69, "producer: Elasticsearch at http://127.0.0.1:1, http://127.0.0.1:2 cannot be reached: ")]
    [InlineData("elastic:kept-secret", 64, "producer: ELASTICSEARCH_URL is not a list of addresses")]
    public async Task An_unavailable_Elasticsearch_is_reported_in_one_line_without_the_password(string url, int exitCode, string said)
    {
        await using var producer = RunningProgram.Start(Programs.Producer, ["logs", "--level", "debug"], new Dictionary<string, string?> { ["ELASTICSEARCH_URL"] = url });
        var end = await producer.EndAsync();
        Assert.Equal((exitCode, ""), (end.ExitCode, end.Output));
        Assert.StartsWith(said, end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("kept-secret", end.Error, StringComparison.Ordinal);
        Assert.Equal(end.Error.Length - 1, end.Error.IndexOf('\n', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(401, "", "refuses the user or password (401): set ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD, or ELASTICSEARCH_API_KEY")]
    [InlineData(403, "", "does not let this user read the logs (403)")]
    [InlineData(400, """{"error":{"root_cause":[{"type":"x","reason":"no such thing"}],"reason":"all shards failed"}}""", "cannot answer (400): no such thing")]
    [InlineData(503, "<html>", "cannot answer (503): no reason given")]
    [InlineData(200, "<html>", "is not Elasticsearch")]
    [InlineData(200, "{}", "is not Elasticsearch")]
    public async Task An_error_of_Elasticsearch_is_reported_in_one_line(int status, string body, string said)
    {
        var url = $"http://127.0.0.1:{FreePort.Next()}/";
        using var server = new HttpListener { Prefixes = { url } };
        server.Start();
        await using var producer = RunningProgram.Start(Programs.Producer, ["logs"], new Dictionary<string, string?> { ["ELASTICSEARCH_URL"] = url });
        var request = await server.GetContextAsync().WaitAsync(RunningProgram.DefaultTimeout);
        request.Response.StatusCode = status;
        request.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: true);
        var end = await producer.EndAsync();
        Assert.Equal((69, ""), (end.ExitCode, end.Output));
        Assert.Matches($"^producer: .*{Regex.Escape(said)}.*\n$", end.Error);
    }

    private static string Line(int number) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["@timestamp"] = new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc).AddSeconds(number).ToString("O"),
        ["log.level"] = "info",
        ["message"] = $"line {number}",
        ["process.pid"] = 4711,
        ["host.hostname"] = "machine",
    });

    private static Dictionary<string, string?> Without(Dictionary<string, string?> environment) => new(environment) { ["ELASTICSEARCH_URL"] = null, ["NO_COLOR"] = "1" };

    private void Write(string name, params int[] numbers) => _logs.Write($"{name}.ndjson", string.Concat(numbers.Select(number => $"{Line(number)}\n")));

    private void Append(string name, int number) => File.AppendAllText(Path.Combine(_logs.Path, $"{name}.ndjson"), $"{Line(number)}\n");

    private RunningProgram Start(params string[] arguments) => RunningProgram.Start(Programs.Producer, ["logs", .. arguments], Without(Environment));

    private async Task<ProgramEnd> LogsAsync(params string[] arguments)
    {
        await using var producer = Start(arguments);
        return await producer.EndAsync();
    }
}
